import { Timer } from '../app/clock';
import type { FailureResponse, UploadContext } from './context.svelte';

/** The API requests of one stage: one at a time, and after a failure the next one only when its delay is over. */
export class RequestSlot {
  #isBusy = false;
  #failures = 0;
  readonly #delay: Timer;

  constructor(private readonly context: UploadContext) {
    this.#delay = new Timer(context.ports.clock);
  }

  /** Whether the stage may send a request now. */
  get isFree(): boolean {
    return !this.#isBusy && !this.#delay.isPending && this.context.pause === null;
  }

  skipDelay(): void {
    this.#delay.clear();
  }

  /** Runs a request, and `onFailure` if the request throws. The stages are woken afterwards. */
  async run(
    request: () => Promise<void>,
    onFailure: (response: FailureResponse, error: unknown) => void,
  ): Promise<void> {
    this.#isBusy = true;
    try {
      await request();
      this.#failures = 0;
      this.context.clearOutage();
    } catch (error) {
      const response = this.context.handleFailure(error, ++this.#failures);
      if (response.kind === 'retry') this.#delay.set(response.delay, this.context.wakeStages);
      onFailure(response, error);
    } finally {
      this.#isBusy = false;
      this.context.wakeStages();
    }
  }
}
