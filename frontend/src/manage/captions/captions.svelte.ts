import { SvelteMap } from 'svelte/reactivity';
import type { Caption } from './caption.svelte';

/** The captions of a list, and which of them are not saved. The fields are reactive. */
export class Captions {
  /** By the ids of their pictures. */
  readonly #all = new SvelteMap<string, Caption>();
  readonly unsaved = $derived([...this.#all.values()].filter((caption) => caption.isChanged));
  readonly isSaving = $derived([...this.#all.values()].some(({ state }) => state.name === 'saving'));
  /** Those that were not saved for a passing reason, such as a connection that is away. */
  readonly waiting = $derived(this.unsaved.filter(({ state }) => state.name === 'failed' && state.isPassing));

  /**
   * The returned function is for a row that goes. What was typed there and is not saved stays, as the list may just be loaded anew,
   * unless the picture is deleted.
   */
  add(caption: Caption): (isDeleted: boolean) => void {
    const { id } = caption.image;
    this.#all.set(id, caption);
    return (isDeleted) => {
      if (isDeleted || !caption.isChanged) this.#all.delete(id);
    };
  }

  /** The caption of a picture whose row may have gone. */
  find(id: string): Caption | undefined {
    return this.#all.get(id);
  }

  /** Somebody does without what is not saved. */
  discard(): void {
    for (const caption of this.unsaved) caption.takeTheirs();
  }

  async saveAll(): Promise<void> {
    await Promise.all(this.unsaved.map((caption) => caption.save()));
  }

  /** Sends what waits again. What somebody has to decide, or to write in another way, is left alone. */
  async sendAgain(): Promise<void> {
    await Promise.all(this.waiting.map((caption) => caption.save()));
  }
}
