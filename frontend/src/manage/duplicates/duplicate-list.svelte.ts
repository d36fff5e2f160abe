import { isAbort } from '../../api/errors';
import type { DuplicateGroup, DuplicatesPage, Image } from '../../api/types';
import type { PictureChanges } from '../../pictures/picture-changes.svelte';

export interface DuplicateListPorts {
  load(cursor: string | null, signal: AbortSignal): Promise<DuplicatesPage>;
  changes: PictureChanges;
}

export type DuplicatesState = { name: 'loading' } | { name: 'idle' } | { name: 'error'; error: unknown };

/** Groups that are shown before somebody asks for more. */
const GROUPS_AT_ONCE = 20;

/** Groups of duplicates among a contributor's pictures, without those that were deleted. The fields are reactive. */
export class DuplicateList {
  state = $state.raw<DuplicatesState>({ name: 'loading' });
  cursor = $state.raw<string | null>(null);
  #loaded = $state.raw<readonly DuplicateGroup[]>([]);
  #abort: AbortController | null = null;
  readonly groups = $derived.by(() => this.#read());

  constructor(private readonly ports: DuplicateListPorts) {}

  /** Loads from the beginning, or further, until there are some more groups. */
  async load(isAnew: boolean): Promise<void> {
    this.#abort?.abort();
    const { signal } = (this.#abort = new AbortController());
    this.state = { name: 'loading' };
    if (isAnew) [this.#loaded, this.cursor] = [[], null];
    const wanted = this.groups.length + GROUPS_AT_ONCE;
    try {
      // A page looks at some hundred pictures, of which none may be a duplicate.
      do {
        const page = await this.ports.load(this.cursor, signal);
        if (signal.aborted) return;
        this.#loaded = [...this.#loaded, ...page.groups];
        this.cursor = page.next;
      } while (this.cursor !== null && this.groups.length < wanted);
      this.state = { name: 'idle' };
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.state = { name: 'error', error };
    }
  }

  stop(): void {
    this.#abort?.abort();
  }

  #read(): DuplicateGroup[] {
    const { changes } = this.ports;
    return this.#loaded.flatMap(({ kind, images }): DuplicateGroup[] => {
      const left = images
        .filter(({ id }) => changes.getRestorableUntil(id) === null)
        .map((image) => changes.update(image));
      return left.length < 2 ? [] : [{ kind, images: left }];
    });
  }
}

/** Which picture of a group to keep unless somebody says otherwise: the largest, of equal ones the oldest. */
export function choosePictureToKeep(images: readonly Image[]): string {
  const [first, ...others] = images;
  if (first === undefined) return '';
  return others.reduce((best, image) => {
    const difference = image.width * image.height - best.width * best.height;
    return difference > 0 || (difference === 0 && image.created < best.created) ? image : best;
  }, first).id;
}
