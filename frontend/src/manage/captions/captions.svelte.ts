import { SvelteSet } from 'svelte/reactivity';
import type { Caption } from './caption.svelte';

/** The captions of a list, and which of them are not saved. The fields are reactive. */
export class Captions {
  readonly #all = new SvelteSet<Caption>();
  readonly unsaved = $derived([...this.#all].filter((caption) => caption.isChanged));
  readonly isSaving = $derived([...this.#all].some(({ state }) => state.name === 'saving'));
  /** Those that were not saved for a passing reason, such as a connection that is away. */
  readonly waiting = $derived(this.unsaved.filter(({ state }) => state.name === 'failed' && state.isPassing));

  /** The returned function takes the caption out again. */
  add(caption: Caption): () => void {
    this.#all.add(caption);
    return () => this.#all.delete(caption);
  }

  async saveAll(): Promise<void> {
    await Promise.all(this.unsaved.map((caption) => caption.save()));
  }

  /** Sends what waits again. What somebody has to decide, or to write in another way, is left alone. */
  async sendAgain(): Promise<void> {
    await Promise.all(this.waiting.map((caption) => caption.save()));
  }
}
