import type { Upload } from '../../api/types';
import { Timer } from '../../app/clock';
import { createApiReason, createReason } from '../../app/reasons';
import type { UploadContext } from '../stage/context.svelte';
import type { UploadItem } from '../file/item.svelte';
import { RequestSlot } from '../stage/request-slot';
import { fail, finish, recreate } from '../file/state';

/** Ms between two polls: the interval grows while nothing happens. */
const MIN_INTERVAL = 500;
const MAX_INTERVAL = 3000;
const INTERVAL_GROWTH = 1.5;

/** Last stage: asks for the states of the files that storage has, the first `pollSize` of them with one request. */
export class StatusPoller {
  #interval = MIN_INTERVAL;
  readonly #timer: Timer;
  readonly #slot: RequestSlot;

  constructor(private readonly context: UploadContext) {
    this.#timer = new Timer(context.ports.clock);
    this.#slot = new RequestSlot(context);
  }

  /** Polls soon, and more often again: a file has arrived, or somebody does not want to wait. */
  skipDelay(): void {
    this.#interval = MIN_INTERVAL;
    this.#slot.skipDelay();
    this.#timer.clear();
  }

  startDueWork(): void {
    if (!this.#slot.isFree || this.#timer.isPending || this.#listProcessing().length === 0) return;
    this.#timer.set(this.#interval, () => {
      const items = new Map(this.#listProcessing().slice(0, this.context.settings.pollSize));
      if (items.size > 0 && this.#slot.isFree) void this.#poll(items);
    });
  }

  #listProcessing(): [id: string, item: UploadItem][] {
    return this.context
      .list('processing')
      .flatMap((item): [string, UploadItem][] =>
        item.state.name === 'processing' ? [[item.state.id, item]] : [],
      );
  }

  #poll(items: ReadonlyMap<string, UploadItem>): Promise<void> {
    return this.#slot.run(
      async () => {
        const answers = await this.context.ports.api.listUploadsById([...items.keys()]);
        const uploads = new Map(answers.map((upload) => [upload.id, upload]));
        const changes = [...items].filter(([id, item]) => this.#handleAnswer(id, item, uploads.get(id)));
        this.#interval =
          changes.length > 0 ? MIN_INTERVAL : Math.min(MAX_INTERVAL, this.#interval * INTERVAL_GROWTH);
      },
      // The slot's own delay takes the place of the interval.
      ({ kind }) => (this.#interval = kind === 'retry' ? 0 : MAX_INTERVAL),
    );
  }

  /** Returns whether the file has left the state `processing`. */
  #handleAnswer(id: string, item: UploadItem, upload: Upload | undefined): boolean {
    if (upload?.state === 'pending') return false;
    if (item.state.name !== 'processing' || item.state.id !== id) return false;
    item.update('processing', (state) => {
      if (upload === undefined) return recreate(state);
      if (upload.state === 'expired') return fail(state, createReason('upload-expired'));
      if (upload.state === 'failed') {
        return fail(
          state,
          upload.error ? createApiReason(upload.error) : createReason('no-reason-given', 'failed'),
        );
      }
      return finish(state, upload.image ?? null);
    });
    if (upload?.state === 'ready' && upload.image) this.context.latestImage = upload.image;
    return true;
  }
}
