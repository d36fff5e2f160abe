/** A part of the page that is loaded when it is needed, or just before, so that those who never need it never load it. */
export class OnDemand<Part> {
  /** Null until it is loaded. */
  part = $state.raw<Part | null>(null);
  /** Whether the last attempt has failed. */
  hasFailed = $state(false);
  #loading: Promise<Part> | null = null;

  constructor(private readonly fetchPart: () => Promise<Part>) {}

  /** Loads it once; only what has failed is loaded again. */
  load(): Promise<Part> {
    this.#loading ??= this.#attempt();
    return this.#loading;
  }

  /** Loads it for later. Whoever needs it hears of a failure. */
  prefetch(): void {
    this.load().catch(() => undefined);
  }

  async #attempt(): Promise<Part> {
    try {
      const part = await this.fetchPart();
      this.hasFailed = false;
      this.part = part;
      return part;
    } catch (error) {
      this.hasFailed = true;
      this.#loading = null;
      throw error;
    }
  }
}
