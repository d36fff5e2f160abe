/**
 * Finds the files that are in the list twice since others came back from an earlier page: somebody had chosen them meanwhile, and
 * their contents, which are hashed one after the other, show that they are the same.
 */
import type { UploadItem } from './item.svelte';
import { findContentOf, findMerge, isChosenHere, isToUpload, type Merge } from './merge';
import type { Content } from './state';

export class ReturnedFiles {
  /** Files that were chosen before others came back, and may be the same as these. */
  readonly #chosen = new Set<UploadItem>();
  /** By SHA-256, as far as they are hashed: these files, and those that came back. */
  readonly #chosenContents = new Map<string, UploadItem>();
  readonly #returnedContents = new Map<string, UploadItem>();

  /** Remembers what was in the list when files came back. */
  noteListed(items: readonly UploadItem[]): void {
    for (const item of items)
      if (isChosenHere(item) && !item.isStarted && isToUpload(item)) this.#chosen.add(item);
  }

  /** Remembers what has come back, as far as its content is known. */
  noteReturned(items: readonly UploadItem[]): void {
    for (const item of items) {
      const content = findContentOf(item);
      if (content !== null) this.#returnedContents.set(content.sha256, item);
    }
  }

  /** The merge of a file, whose content is known now, with the other one of this content; null where there is none. */
  match(item: UploadItem, content: Content): Merge | null {
    if (this.#chosen.size === 0) return null;
    const isHere = isChosenHere(item);
    if (isHere && !this.#chosen.has(item)) return null;
    const [own, others] = isHere
      ? [this.#chosenContents, this.#returnedContents]
      : [this.#returnedContents, this.#chosenContents];
    own.set(content.sha256, item);
    const other = others.get(content.sha256);
    if (other === undefined || other.isGone || !isToUpload(other) || (!isHere && other.isStarted))
      return null;
    return isHere ? findMerge(item, other) : findMerge(other, item);
  }

  delete(item: UploadItem): void {
    this.#chosen.delete(item);
  }

  clear(): void {
    this.#chosen.clear();
    this.#chosenContents.clear();
    this.#returnedContents.clear();
  }
}
