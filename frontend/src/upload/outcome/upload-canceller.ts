import type { CancelAnswer } from '../../api/types';
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
  type UploadState,
} from '../file/state';

/** Requests at the same time at most. While a request has not been sent, somebody can take a cancellation back at once. */
const MAX_REQUESTS = 2;

/** The row of a file that somebody has cancelled. */
interface CancelledRow {
  id: string;
  item: UploadItem;
}

/**
 * Cancels the rows of files that somebody has cancelled, many with one request, and goes on until the API has confirmed: a row
 * that stays behind becomes a picture once its file has arrived.
 */
export class UploadCanceller {
  /** The rows that the API has been asked to remove. */
  readonly #underWay = new Set<string>();
  #requests = 0;
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
    const waiting = this.context
      .list('cancelling')
      .flatMap((item): CancelledRow[] =>
        item.state.name === 'cancelling' && !this.isUnderWay(item) ? [{ id: item.state.from.id, item }] : [],
      );
    const { cancelSize } = this.context.settings;
    for (let start = 0; start < waiting.length && this.#requests < MAX_REQUESTS; start += cancelSize) {
      void this.#cancel(waiting.slice(start, start + cancelSize));
    }
  }

  async #cancel(batch: readonly CancelledRow[]): Promise<void> {
    for (const { id } of batch) this.#underWay.add(id);
    this.#requests += 1;
    try {
      const answers = await this.context.ports.api.cancelUploads(batch.map(({ id }) => id));
      this.#delay.reset();
      batch.forEach((row, index) => this.#handleAnswer(row, answers[index]));
    } catch (error) {
      this.#handleFailure(batch, error);
    } finally {
      this.#requests -= 1;
      for (const { id } of batch) this.#underWay.delete(id);
      this.context.wakeStages();
    }
  }

  #handleAnswer(row: CancelledRow, answer: CancelAnswer | undefined): void {
    if (answer?.state === 'already-ready') {
      update(row, undoCancel);
      this.onTooLate();
    } else {
      update(row, finishCancelling);
    }
  }

  #handleFailure(batch: readonly CancelledRow[], error: unknown): void {
    const { kind } = this.#delay.handleFailure(error);
    const reason = createReason('cancel-refused', error);
    for (const row of batch) {
      update(row, (state) => {
        // Nobody asks for it again. Should the row be gone all the same, the other stages notice.
        if (state.isUndone) return keepRow(state);
        return kind === 'refuse' ? fail(state, reason) : state;
      });
    }
  }
}

/** Applies a transition, unless the file has got another row meanwhile, of which an answer about this one says nothing. */
function update({ id, item }: CancelledRow, transition: (state: Cancelling) => UploadState): void {
  item.update('cancelling', (state) => (state.from.id === id ? transition(state) : state));
}
