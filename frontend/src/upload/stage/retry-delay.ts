import { Timer } from '../../app/clock';
import type { FailureResponse, UploadContext } from './context.svelte';

/** How long one stage waits after failed requests. The delay grows with each failure in a row. */
export class RetryDelay {
  #failures = 0;
  readonly #timer: Timer;

  constructor(private readonly context: UploadContext) {
    this.#timer = new Timer(context.ports.clock);
  }

  get isPending(): boolean {
    return this.#timer.isPending;
  }

  skip(): void {
    this.#timer.clear();
  }

  /** Records that a request has succeeded. */
  reset(): void {
    this.#failures = 0;
    this.context.clearOutage();
  }

  /** Decides what the stage does about a failed request. When the delay is over, the stages are woken. */
  handleFailure(error: unknown): FailureResponse {
    const response = this.context.handleFailure(error, ++this.#failures);
    if (response.kind === 'retry') this.#timer.set(response.delay, this.context.wakeStages);
    return response;
  }
}
