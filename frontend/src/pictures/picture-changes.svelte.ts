import type { Image } from '../api/types';

/** `until`: the moment (server ms) until which a deleted picture can be restored. */
type Change = { number: number } & ({ kind: 'current'; image: Image } | { kind: 'deleted'; until: number });

/**
 * What this tab has changed of published pictures. Lists that were loaded before, and answers that a cache has stored,
 * are read through it, so that a person sees at once what they have done. The fields are reactive.
 */
export class PictureChanges {
  #changes = $state.raw<ReadonlyMap<string, Change>>(new Map());
  #count = 0;

  /** The number of the last change. */
  get count(): number {
    return this.#count;
  }

  /** Records pictures as the API has answered after an edit or a restoration. */
  noteCurrent(images: readonly Image[]): void {
    this.#set(images.map((image) => [image.id, { kind: 'current', image, number: ++this.#count }]));
  }

  /** `until` is 0 for pictures that cannot be restored. */
  noteDeleted(ids: readonly string[], until: number): void {
    this.#set(ids.map((id) => [id, { kind: 'deleted', until, number: ++this.#count }]));
  }

  /** Forgets changes up to a number: a request that was sent after them has told how these pictures are. */
  forget(ids: readonly string[], number: number): void {
    const next = new Map(this.#changes);
    for (const id of ids) if ((next.get(id)?.number ?? Infinity) <= number) next.delete(id);
    if (next.size < this.#changes.size) this.#changes = next;
  }

  /** The picture as it was after its last change in this tab; null when it was not changed, or is deleted. */
  find(id: string): Image | null {
    const change = this.#changes.get(id);
    return change?.kind === 'current' ? change.image : null;
  }

  /** When a picture that this tab has deleted can no longer be restored; null for another picture. */
  getRestorableUntil(id: string): number | null {
    const change = this.#changes.get(id);
    return change?.kind === 'deleted' ? change.until : null;
  }

  /** The picture as this tab knows it, unless `image` is newer. */
  update(image: Image): Image {
    const known = this.find(image.id);
    return known !== null && known.revision >= image.revision ? known : image;
  }

  /** A list of pictures without those that were deleted, and with the others as this tab knows them. */
  apply(images: readonly Image[]): readonly Image[] {
    if (this.#changes.size === 0) return images;
    return images.filter(({ id }) => this.getRestorableUntil(id) === null).map((image) => this.update(image));
  }

  #set(entries: readonly (readonly [string, Change])[]): void {
    if (entries.length > 0) this.#changes = new Map([...this.#changes, ...entries]);
  }
}

export const pictureChanges = new PictureChanges();
