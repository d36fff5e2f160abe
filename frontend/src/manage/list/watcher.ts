import { Timer, type Clock } from '../../app/clock';
import type { UploadList } from './upload-list.svelte';

/** Ms between two questions: at first, and at most after questions that have brought nothing new. */
const MIN_INTERVAL = 3000;
const MAX_INTERVAL = 30_000;

/** Keeps the states of a list's uploads as they are in the library, until it is stopped. */
export class Watcher {
  #interval = MIN_INTERVAL;
  #isStopped = false;
  readonly #timer: Timer;

  constructor(
    private readonly list: Pick<UploadList, 'listUnsettled' | 'update'>,
    clock: Clock,
    /** Nobody looks at a page in the background. */
    private readonly isVisible: () => boolean,
  ) {
    this.#timer = new Timer(clock);
  }

  /** Asks soon, as something has just changed. */
  start(): void {
    this.#isStopped = false;
    this.#interval = MIN_INTERVAL;
    this.#timer.set(this.#interval, () => void this.#ask());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer.clear();
  }

  async #ask(): Promise<void> {
    const ids = this.isVisible() ? this.list.listUnsettled() : [];
    let isChanged = false;
    try {
      isChanged = ids.length > 0 && (await this.list.update(ids));
    } catch {
      // The next question finds out.
    }
    if (this.#isStopped) return;
    this.#interval = isChanged ? MIN_INTERVAL : Math.min(this.#interval * 1.5, MAX_INTERVAL);
    this.#timer.set(this.#interval, () => void this.#ask());
  }
}
