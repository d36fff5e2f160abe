/** Ms after a failure in which nothing is loaded for later, unless the connection comes back. */
const PAUSE = 10_000;

/** A part of the page that is loaded when it is needed, or just before, so that those who never need it never load it. */
export class OnDemand<Part> {
  /** Null until it is loaded. */
  part = $state.raw<Part | null>(null);
  /** Whether the last attempt has failed. */
  hasFailed = $state(false);
  #loading: Promise<Part> | null = null;
  #failedAt = -Infinity;

  constructor(private readonly fetchPart: () => Promise<Part>) {}

  /** Loads it once; only what has failed is loaded again. */
  load(): Promise<Part> {
    this.#loading ??= this.#attempt();
    return this.#loading;
  }

  /** Loads it for later: again after a failure, of which only whoever needs it hears. */
  prefetch(): void {
    if (Date.now() - this.#failedAt > PAUSE) this.#prefetchNow();
  }

  readonly #prefetchNow = (): void => {
    this.load().catch(() => addEventListener('online', this.#prefetchNow, { once: true }));
  };

  async #attempt(): Promise<Part> {
    this.hasFailed = false;
    try {
      const part = await this.fetchPart();
      this.part = part;
      return part;
    } catch (error) {
      this.hasFailed = true;
      this.#failedAt = Date.now();
      this.#loading = null;
      throw error;
    }
  }
}
