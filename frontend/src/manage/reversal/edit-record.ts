import type { EditAnswer, EditContent, Image, Upload } from '../../api/types';
import type { FieldName } from '../fields/fields';
import { buildReversal, listOwnTags, type Reversal } from './reversal';

export interface RecordApi {
  listUploadsById(ids: string[]): Promise<Upload[]>;
}

/** A picture as it was before a request. */
interface Before {
  image: Image;
  /** Whether the library has told this right before the request. Otherwise the page has shown the picture so, some time ago. */
  isRead: boolean;
}

/** What was done to a picture, which may have been edited more than once. */
interface OwnEdit {
  before: Image;
  after: Image;
  names: readonly FieldName[];
}

/**
 * What the pictures of an edit were before, so that it can be undone. Each request names the revisions of its pictures, so
 * that an answer “edited” is about a picture of which it is known what it had. An edit that is sent again, since the answer
 * was lost, has changed nothing the second time: only the revisions from before the first time tell that it was carried out.
 */
export class EditRecord {
  #before = new Map<string, Before>();
  /** The edits to which no answer has come, by the id of the picture. */
  #unanswered = new Map<string, EditContent>();
  /** The pictures as the last answers have them, which are newer than what the page has shown. */
  #answered = new Map<string, Image>();
  #edits = new Map<string, OwnEdit>();
  #lost = new Set<string>();

  constructor(
    private readonly api: RecordApi,
    /** The pictures as the page shows them: used for those of other people, which `listUploadsById` leaves out. */
    private readonly shown: ReadonlyMap<string, Image>,
    /** Who edits. */
    readonly owner: string | null,
  ) {}

  get reversals(): Reversal[] {
    return [...this.#edits.values()].flatMap(
      ({ before, after, names }) => buildReversal(before, after, names) ?? [],
    );
  }

  /**
   * How many pictures were changed, or may have been, of which nobody knows what they had: the library has not said what they
   * are now, or somebody else has changed them just then.
   */
  get lostCount(): number {
    return this.#lost.size;
  }

  /** Whether the edit has changed this picture, or may have, whatever the last answer says. */
  has(id: string): boolean {
    return this.#edits.has(id) || this.#lost.has(id);
  }

  /** The revision to which the edits have brought a picture that was at this one before. */
  follow(id: string, revision: number): number {
    const edit = this.#edits.get(id);
    return edit?.before.revision === revision ? edit.after.revision : revision;
  }

  /** Whether the library itself has said what this picture was right before the last request. */
  isRead(id: string): boolean {
    return this.#before.get(id)?.isRead === true;
  }

  /**
   * Reads how the pictures are before they are sent an edit. Those to whose very same edit no answer has come keep what was
   * read before it. Returns the revisions that the request has to name.
   */
  async read(ids: readonly string[], edit: EditContent): Promise<Record<string, number>> {
    const unread = ids.filter((id) => !isSame(this.#unanswered.get(id), edit));
    if (unread.length > 0) {
      const uploads = await this.api.listUploadsById(unread);
      const current = new Map(uploads.map(({ id, image }) => [id, image]));
      for (const id of unread) this.#begin(id, current.get(id));
    }
    return Object.fromEntries(
      ids.flatMap((id) => {
        const before = this.#before.get(id);
        return before === undefined ? [] : [[id, before.image.revision]];
      }),
    );
  }

  /** The answer to a request of these pictures was lost: the library may have carried it out. */
  noteLostAnswer(ids: readonly string[], edit: EditContent): void {
    for (const id of ids) this.#unanswered.set(id, edit);
  }

  /** Records what an edit of these fields has made of a picture, by the state of its answer. */
  note(id: string, state: EditAnswer['state'], after: Image | undefined, names: readonly FieldName[]): void {
    if (after !== undefined) this.#answered.set(id, after);
    const edit = this.#unanswered.get(id);
    this.#unanswered.delete(id);
    const isRepeated = edit !== undefined && state === 'unchanged';
    if (state !== 'edited' && !isRepeated) return;
    const before = this.#before.get(id);
    if (isRepeated && before !== undefined && after?.revision === before.image.revision) return;
    if (before === undefined || after?.revision !== before.image.revision + 1) return this.#lose(id);
    if (isRepeated && !(before.isRead && isMadeBy(edit, before.image, after))) return this.#lose(id);
    this.add(id, { before: before.image, after, names });
  }

  /** Records an edit of which it is known what it has made of a picture. */
  add(id: string, edit: OwnEdit): void {
    if (this.#lost.has(id)) return;
    const former = this.#edits.get(id);
    const isNext = former?.after.revision === edit.before.revision;
    const names = isNext ? [...new Set([...former.names, ...edit.names])] : edit.names;
    this.#edits.set(id, { ...edit, before: isNext ? former.before : edit.before, names });
  }

  #begin(id: string, read: Image | undefined): void {
    const former = this.#before.get(id)?.image;
    const image = read ?? this.#answered.get(id) ?? this.shown.get(id);
    // Another edit, to which no answer has come, may have been carried out.
    if (this.#unanswered.delete(id) && former?.revision !== image?.revision) this.#lose(id);
    if (image !== undefined) this.#before.set(id, { image, isRead: read !== undefined });
  }

  #lose(id: string): void {
    this.#lost.add(id);
    this.#edits.delete(id);
  }
}

function isSame(one: EditContent | undefined, other: EditContent): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether an edit alone can have made the difference of tags: somebody else may have added the same tag, and others. */
function isMadeBy(edit: EditContent, before: Image, after: Image): boolean {
  const former = listOwnTags(before);
  const present = listOwnTags(after);
  return (
    former.every((tag) => present.includes(tag) || edit.remove_tags?.includes(tag)) &&
    present.every((tag) => former.includes(tag) || edit.add_tags?.includes(tag))
  );
}
