import type { FailureResponse, UploadContext } from './context.svelte';
import { RetryDelay } from './retry-delay';

/** The API requests of one stage: one at a time, and after a failure the next one only when its delay is over. */
export class RequestSlot {
  #isBusy = false;
  readonly #delay: RetryDelay;

  constructor(private readonly context: UploadContext) {
    this.#delay = new RetryDelay(context);
  }

  /** Whether the stage may send a request now. */
  get isFree(): boolean {
    return !this.#isBusy && !this.#delay.isPending && this.context.pause === null;
  }

  skipDelay(): void {
    this.#delay.skip();
  }

  /** Runs a request, and `onFailure` if the request throws. The stages are woken afterwards. */
  async run(
    request: () => Promise<void>,
    onFailure: (response: FailureResponse, error: unknown) => void,
  ): Promise<void> {
    this.#isBusy = true;
    try {
      await request();
      this.#delay.reset();
    } catch (error) {
      onFailure(this.#delay.handleFailure(error), error);
    } finally {
      this.#isBusy = false;
      this.context.wakeStages();
    }
  }
}
