import { isTransient } from '../../api/errors';
import { createReason } from '../../app/reasons';
import type { UploadContext } from '../stage/context.svelte';
import type { UploadItem } from '../file/item.svelte';
import type { HashListener } from '../stage/ports';
import { RetryDelay } from '../stage/retry-delay';
import {
  fail,
  finishHashing,
  lose,
  postponeHashing,
  reject,
  setHashedBytes,
  startHashing,
} from '../file/state';
import type { Failed, Hashing, UploadState, Waiting } from '../file/state';

/** First stage: inspects each file, rejects those that the library would not accept, and hashes the others. */
export class FileHasher {
  #running = 0;
  readonly #delay: RetryDelay;

  constructor(private readonly context: UploadContext) {
    this.#delay = new RetryDelay(context);
  }

  skipDelay(): void {
    this.#delay.skip();
  }

  startDueWork(): void {
    if (this.#delay.isPending) return;
    for (const item of this.context.list('waiting')) {
      if (this.#running >= this.context.settings.hashers) return;
      if (item.state.name !== 'waiting') continue;
      if (item.file === null) item.update('waiting', lose);
      else void this.#hash(item, item.file, item.state);
    }
  }

  async #hash(item: UploadItem, file: File, waiting: Waiting): Promise<void> {
    const { ports, wakeStages } = this.context;
    const abort = new AbortController();
    const update = (transition: (state: Hashing) => UploadState): void => {
      item.update('hashing', transition, abort);
    };
    item.isReading = false;
    item.state = startHashing(waiting, abort);
    this.#running += 1;
    try {
      const inspected = await ports.inspect(file);
      this.#delay.reset();
      if ('reason' in inspected) {
        update((state) => reject(state, inspected.reason));
        return;
      }
      if (abort.signal.aborted) return;
      const listener: HashListener = {
        onProgress: (bytes) => update((state) => setHashedBytes(state, bytes)),
        onReading: () => (item.isReading = true),
        onEmbedded: (embedded) => {
          item.isReading = false;
          item.setEmbedded(embedded);
          wakeStages();
        },
      };
      const sha256 = await ports.hash(file, listener, abort.signal);
      update((state) => finishHashing(state, { type: inspected.type, sha256 }));
    } catch (error) {
      if (abort.signal.aborted) return;
      update((state) => this.#handleFailure(state, error));
    } finally {
      this.#running -= 1;
      wakeStages();
    }
  }

  #handleFailure(state: Hashing, error: unknown): Waiting | Failed {
    // What the library accepts is asked of the API. While the API cannot be reached, nothing is wrong with the file.
    if (!isTransient(error)) return fail(state, createReason('file-unreadable'));
    this.#delay.handleFailure(error);
    return postponeHashing(state);
  }
}
