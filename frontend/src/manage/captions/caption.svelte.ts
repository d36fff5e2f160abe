import { hasStatus, isTransient } from '../../api/errors';
import type { Image } from '../../api/types';
import { describeError } from '../../app/messages';
import type { PendingEdit } from '../../upload/keeping/pending-records';
import { getNewerImage, readFieldErrors, type EditApi } from '../edit/save-edit';

export type CaptionState =
  | { name: 'unchanged' }
  | { name: 'saving' }
  | { name: 'saved' }
  /** `isPassing`: the same request may succeed later by itself. */
  | { name: 'failed'; reason: string; isPassing: boolean }
  /** The description was changed elsewhere meanwhile to this text, of the picture as it was `before`. */
  | { name: 'conflict'; theirs: string; before: Image };

/** The description of one picture in the list of captions, saved as one goes. The fields are reactive. */
export class Caption {
  text = $state('');
  state = $state.raw<CaptionState>({ name: 'unchanged' });
  image = $state.raw<Image>() as Image;
  readonly isChanged = $derived(this.text.trim() !== this.image.description.trim());
  /** Ends once whatever is being saved is saved, or has failed. */
  #saving: Promise<void> | null = null;
  /** What was sent without an answer since it was saved last: the library may have it, and then nobody else has changed it. */
  readonly #unanswered = new Set<string>();

  constructor(
    image: Image,
    private readonly api: EditApi,
    private readonly onsaved: (image: Image) => void,
  ) {
    this.image = image;
    this.text = image.description;
  }

  /** What is not saved of it; null where it is as the library has it. */
  get unsaved(): PendingEdit | null {
    if (!this.isChanged) return null;
    // What nobody has decided about is a conflict again when it is saved later.
    const image = this.state.name === 'conflict' ? this.state.before : this.image;
    return { image, set: { description: this.text.trim() } };
  }

  /** Goes on from the picture as it was changed elsewhere. What was typed stays. */
  refresh(image: Image): void {
    // The answer to what is being saved tells of any change.
    if (image.revision <= this.image.revision || this.state.name === 'saving') return;
    const wasChanged = this.isChanged;
    const before = this.state.name === 'conflict' ? this.state.before : this.image;
    this.image = image;
    if (!wasChanged) this.text = image.description;
    else if (!this.isChanged) this.state = { name: 'unchanged' };
    else if (this.#isChangedElsewhere(before))
      this.state = { name: 'conflict', theirs: image.description, before };
    else if (this.state.name === 'conflict') this.state = { name: 'unchanged' };
  }

  /**
   * Saves what was typed, unless somebody has to decide before. One request is on its way at a time; what was typed meanwhile is
   * saved after it.
   */
  save(): Promise<void> {
    if (this.state.name === 'conflict' && this.isChanged) return Promise.resolve();
    this.#saving ??= this.#saveChanges().finally(() => (this.#saving = null));
    return this.#saving;
  }

  async #saveChanges(): Promise<void> {
    while (this.isChanged) {
      this.state = { name: 'saving' };
      this.state = await this.#send(this.text.trim());
      if (this.state.name !== 'saved') return;
    }
    if (this.state.name !== 'saved') this.state = { name: 'unchanged' };
  }

  /** Decides a conflict: saves what was typed. */
  async keepMine(): Promise<void> {
    this.state = { name: 'unchanged' };
    await this.save();
  }

  /** Decides a conflict: shows what somebody else has saved. */
  takeTheirs(): void {
    this.text = this.image.description;
    this.state = { name: 'unchanged' };
  }

  async #send(description: string): Promise<CaptionState> {
    try {
      return await this.#edit(description);
    } catch (error) {
      if (!hasStatus(error, 412)) return fail(error);
    }
    return this.#rebase(description);
  }

  /** Somebody else has saved meanwhile. Unless that was the description, the caption is saved on top of it. */
  async #rebase(description: string): Promise<CaptionState> {
    try {
      const before = this.image;
      const image = await getNewerImage(this.api, before);
      // Somebody does without what was typed.
      const isDiscarded = !this.isChanged;
      this.image = image;
      this.onsaved(image);
      if (isDiscarded) {
        this.takeTheirs();
        return this.state;
      }
      if (image.description === description) return { name: 'saved' };
      if (this.#isChangedElsewhere(before)) return { name: 'conflict', theirs: image.description, before };
      return await this.#edit(description);
    } catch (error) {
      return fail(error);
    }
  }

  /** Whether somebody else has changed the description since the picture was as it was `before`. */
  #isChangedElsewhere(before: Image): boolean {
    const { description } = this.image;
    return description !== before.description && !this.#unanswered.has(description);
  }

  async #edit(description: string): Promise<CaptionState> {
    const { id, revision } = this.image;
    try {
      this.image = await this.api.editImage(id, { description }, revision);
    } catch (error) {
      if (isTransient(error)) this.#unanswered.add(description);
      throw error;
    }
    this.#unanswered.clear();
    // The library leaves characters out that nobody sees.
    if (this.text.trim() === description && this.isChanged) this.text = this.image.description;
    this.onsaved(this.image);
    return { name: 'saved' };
  }
}

function fail(error: unknown): CaptionState {
  const reason = readFieldErrors(error).description ?? describeError(error);
  return { name: 'failed', reason, isPassing: isTransient(error) };
}
