import { isAboutContent } from '../../app/reasons';
import { identifyAnywhere } from '../file/identity';
import type { UploadItem } from '../file/item.svelte';
import { areNested } from '../file/pair-listed';
import { isRefusedBefore, type UploadState } from '../file/state';

/** The files of the list with which all is done: one that somebody chooses again is in the list once. */
export class DoneFiles {
  /** By name, size, date and content. */
  readonly #files = new Map<string, Set<UploadItem>>();

  /** Remembers a file once it has arrived, or has been refused for its content. */
  note(item: UploadItem): void {
    if (findOutcome(item.state) === null) return;
    const key = getKey(item);
    if (key === null) return;
    const files = this.#files.get(key);
    if (files === undefined) this.#files.set(key, new Set([item]));
    else files.add(item);
  }

  /**
   * The entry of a file that somebody has chosen again, and of which it is known now that it has arrived, or was refused, before; null
   * where there is none, or somebody wants the file uploaded all the same.
   */
  findEarlier(item: UploadItem): UploadItem | null {
    if (item.isAskedAgain || !(item.state.name === 'duplicate' || isRefusedBefore(item.state))) return null;
    const outcome = findOutcome(item.state);
    const files = this.#files.get(getKey(item) ?? '') ?? new Set();
    for (const other of files) {
      if (other.merged !== null) files.delete(other);
      if (other === item || other.isGone || findOutcome(other.state) !== outcome) continue;
      if (getKey(other) === getKey(item) && areNested(other.path, item.path)) return other;
    }
    return null;
  }

  /** Forgets all of it. */
  clear(): void {
    this.#files.clear();
  }
}

function getKey(item: UploadItem): string | null {
  const { state } = item;
  if (!('content' in state) || !state.content) return null;
  return `${state.content.sha256}/${identifyAnywhere(item)}`;
}

function findOutcome(state: UploadState): 'arrived' | 'refused' | null {
  if (state.name === 'ready' || state.name === 'duplicate') return 'arrived';
  if (state.name !== 'failed' && state.name !== 'rejected') return null;
  return isAboutContent(state.reason) || isRefusedBefore(state) ? 'refused' : null;
}
