import { hasStatus } from '../../api/errors';
import { createReason } from '../../app/reasons';
import type { UploadContext } from '../stage/context.svelte';
import type { UploadItem } from '../file/item.svelte';
import { RetryDelay } from '../stage/retry-delay';
import { fail, finishCancelling, undoCancel, type Registered } from '../file/state';

/** Cancellations that are under way at the same time. */
const MAX_REQUESTS = 4;

/**
 * Cancels the rows of files that somebody has cancelled, and goes on until the API has confirmed: a row that stays
 * behind becomes a picture once its file has arrived.
 */
export class UploadCanceller {
  readonly #underWay = new Set<UploadItem>();
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
    return this.#underWay.has(item);
  }

  startDueWork(): void {
    if (this.#delay.isPending || this.context.pause !== null) return;
    for (const item of this.context.items) {
      if (this.#underWay.size >= MAX_REQUESTS) return;
      if (item.state.name !== 'cancelling' || this.#underWay.has(item)) continue;
      void this.#cancel(item, item.state.from);
    }
  }

  async #cancel(item: UploadItem, { id }: Registered): Promise<void> {
    this.#underWay.add(item);
    try {
      await this.context.ports.api.cancelUpload(id);
      this.#delay.reset();
      item.update('cancelling', finishCancelling);
    } catch (error) {
      this.#handleFailure(item, error);
    } finally {
      this.#underWay.delete(item);
      this.context.wakeStages();
    }
  }

  #handleFailure(item: UploadItem, error: unknown): void {
    if (hasStatus(error, 404)) {
      item.update('cancelling', finishCancelling);
    } else if (hasStatus(error, 409)) {
      item.update('cancelling', undoCancel);
      this.onTooLate();
    } else if (this.#delay.handleFailure(error).kind === 'refuse') {
      const reason = createReason('cancel-refused', error);
      item.update('cancelling', (state) => fail(state, reason));
    }
  }
}
