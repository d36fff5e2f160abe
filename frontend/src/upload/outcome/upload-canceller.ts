import { hasStatus } from '../../api/errors';
import { createReason } from '../../app/reasons';
import type { UploadContext } from '../stage/context.svelte';
import type { UploadItem } from '../file/item.svelte';
import { RetryDelay } from '../stage/retry-delay';
import {
  fail,
  finishCancelling,
  keepRow,
  undoCancel,
  type Cancelling,
  type Registered,
  type UploadState,
} from '../file/state';

/** Cancellations that are under way at the same time. */
const MAX_REQUESTS = 4;

/**
 * Cancels the rows of files that somebody has cancelled, and goes on until the API has confirmed: a row that stays
 * behind becomes a picture once its file has arrived.
 */
export class UploadCanceller {
  /** The rows that the API has been asked to remove. */
  readonly #underWay = new Set<string>();
  readonly #delay: RetryDelay;

  /** `onTooLate`: the library already processes a file. */
  constructor(
    private readonly context: UploadContext,
    private readonly onTooLate: () => void,
  ) {
    this.#delay = new RetryDelay(context);
  }

  skipDelay(): void {
    this.#delay.skip();
  }

  /** Whether the API has been asked to remove the row of a file, and has not answered. */
  isUnderWay(item: UploadItem): boolean {
    return item.state.name === 'cancelling' && this.#underWay.has(item.state.from.id);
  }

  startDueWork(): void {
    if (this.#delay.isPending || this.context.pause !== null) return;
    for (const item of this.context.list('cancelling')) {
      if (this.#underWay.size >= MAX_REQUESTS) return;
      if (item.state.name !== 'cancelling' || this.isUnderWay(item)) continue;
      void this.#cancel(item, item.state.from);
    }
  }

  async #cancel(item: UploadItem, { id }: Registered): Promise<void> {
    // Meanwhile the file may have got another row, of which this answer says nothing.
    const update = (transition: (state: Cancelling) => UploadState): void =>
      item.update('cancelling', (state) => (state.from.id === id ? transition(state) : state));
    this.#underWay.add(id);
    try {
      await this.context.ports.api.cancelUpload(id);
      this.#delay.reset();
      update(finishCancelling);
    } catch (error) {
      this.#handleFailure(update, error);
    } finally {
      this.#underWay.delete(id);
      this.context.wakeStages();
    }
  }

  #handleFailure(update: (transition: (state: Cancelling) => UploadState) => void, error: unknown): void {
    if (hasStatus(error, 404)) {
      update(finishCancelling);
    } else if (hasStatus(error, 409)) {
      update(undoCancel);
      this.onTooLate();
    } else {
      const { kind } = this.#delay.handleFailure(error);
      const reason = createReason('cancel-refused', error);
      update((state) => {
        // Nobody asks for it again. Should the row be gone all the same, the other stages notice.
        if (state.isUndone) return keepRow(state);
        return kind === 'refuse' ? fail(state, reason) : state;
      });
    }
  }
}
