import { SvelteSet } from 'svelte/reactivity';
import type { PendingEdit } from '../../upload/keeping/pending-records';

interface Source {
  /** Who was signed in when it was added. */
  owner: string | null;
  list: () => readonly PendingEdit[];
}

/** What this page has of edits that are not saved: fields that were typed into, and changes that are on their way. */
export class UnsavedEdits {
  readonly #sources = new SvelteSet<Source>();
  /** Those of whoever is signed in. Reactive. */
  readonly all: readonly PendingEdit[] = $derived.by(() => {
    const owner = this.getOwner();
    return [...this.#sources].filter((source) => source.owner === owner).flatMap(({ list }) => list());
  });

  constructor(private readonly getOwner: () => string | null) {}

  /** `list` is reactive: what somebody has not saved in one form or list. The returned function takes it out again. */
  add(list: Source['list']): () => void {
    const source = { owner: this.getOwner(), list };
    this.#sources.add(source);
    return () => void this.#sources.delete(source);
  }
}
