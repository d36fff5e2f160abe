/** The files in the list by path, name, size and date: what somebody chooses twice is found by them. */
import { identify } from './identity';
import type { UploadItem } from './item.svelte';
import { isToUpload } from './merge';

export class ListedFiles {
  /** The last one of each identity. */
  readonly #last = new Map<string, UploadItem>();
  /** The others of each identity of which there are several, or were. */
  readonly #others = new Map<string, UploadItem[]>();

  /** The last file in the list of an identity. */
  get(identity: string): UploadItem | undefined {
    return this.#last.get(identity);
  }

  has(identity: string): boolean {
    return this.#last.has(identity);
  }

  isLast(item: UploadItem): boolean {
    return this.get(identify(item)) === item;
  }

  /**
   * Adds a file that was chosen, or comes back from an earlier page, and remembers of the one before of its identity that there is
   * a newer one. `before`: what was in the list when files came back; null for a file that was chosen.
   */
  note(item: UploadItem, before: ReadonlySet<UploadItem> | null): void {
    const same = this.get(identify(item));
    // What comes back was chosen before. It is found all the same where nothing more happens to the other one.
    if (same !== undefined && before?.has(same) && !(isToUpload(item) && !isToUpload(same))) {
      item.newer = same;
      this.#noteOther(item);
      return;
    }
    if (same !== undefined && same !== item) {
      same.newer = item;
      this.#noteOther(same);
    }
    this.#last.set(identify(item), item);
  }

  /** Adds a file unless there is one of its identity. */
  addMissing(item: UploadItem): void {
    if (!this.has(identify(item))) this.#last.set(identify(item), item);
    else if (!this.isLast(item)) this.#noteOther(item);
  }

  /** Lets a file be found by its path, size and date, which `change` may change. */
  rename(item: UploadItem, change: () => void): void {
    this.delete(item);
    change();
    const same = this.get(identify(item));
    if (same !== undefined && same !== item) this.#noteOther(same);
    this.#last.set(identify(item), item);
  }

  /** Another one that is still in the list is found instead. */
  delete(item: UploadItem): void {
    if (!this.isLast(item)) return;
    const identity = identify(item);
    this.#last.delete(identity);
    const others = (this.#others.get(identity) ?? []).filter(
      (other) => other !== item && !other.isGone && identify(other) === identity,
    );
    const last = others.pop();
    if (last === undefined) this.#others.delete(identity);
    else {
      this.#last.set(identity, last);
      this.#others.set(identity, others);
    }
  }

  clear(): void {
    this.#last.clear();
    this.#others.clear();
  }

  #noteOther(item: UploadItem): void {
    const identity = identify(item);
    this.#others.set(identity, [...(this.#others.get(identity) ?? []), item]);
  }
}
