import type { Image, Upload } from '../../api/types';
import type { FieldName } from '../fields/fields';
import { buildReversal, type Reversal } from './reversal';

export interface RecordApi {
  listUploadsById(ids: string[]): Promise<Upload[]>;
}

/**
 * What the pictures of an edit were before, so that it can be undone. An edit that is sent again, since the answer was lost,
 * has changed nothing the second time: only the revisions from before the first time tell that it was carried out.
 */
export class EditRecord {
  #before = new Map<string, Image>();
  #read = new Set<string>();
  #reversals = new Map<string, Reversal>();
  #lost = new Set<string>();

  constructor(
    private readonly api: RecordApi,
    /** The pictures as the page shows them, for those of other people, of which the library tells nothing past all caches. */
    private readonly shown: ReadonlyMap<string, Image>,
    /** Who edits. */
    readonly owner: string | null,
  ) {}

  get reversals(): Reversal[] {
    return [...this.#reversals.values()];
  }

  /**
   * How many pictures were changed of which nobody knows what they had: somebody else has changed them just then, or the
   * library has not said what they are now.
   */
  get lostCount(): number {
    return this.#lost.size;
  }

  /** Whether the edit has changed this picture, whatever the last answer says. */
  has(id: string): boolean {
    return this.#reversals.has(id);
  }

  /** Reads how the pictures are before the edit is sent, once. */
  async read(ids: readonly string[]): Promise<void> {
    const unread = ids.filter((id) => !this.#read.has(id));
    if (unread.length === 0) return;
    const uploads = await this.api.listUploadsById(unread);
    const current = new Map(uploads.map(({ id, image }) => [id, image]));
    for (const id of unread) {
      this.#read.add(id);
      const image = current.get(id) ?? this.shown.get(id);
      if (image !== undefined) this.#before.set(id, image);
    }
  }

  /** Records what an edit of these fields has made of a picture. `isEdited`: the answer says that it has changed it. */
  note(id: string, isEdited: boolean, after: Image | undefined, names: readonly FieldName[]): void {
    const before = this.#before.get(id);
    if (before === undefined || after?.revision !== before.revision + 1) {
      if (isEdited) this.#lost.add(id);
      return;
    }
    const reversal = buildReversal(before, after, names);
    if (reversal !== null) this.#reversals.set(id, reversal);
  }
}
