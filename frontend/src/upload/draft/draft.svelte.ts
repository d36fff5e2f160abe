import type { SharedMetadata } from '../../api/types';
import { addTags, normalizeTags, splitTags } from './tags';

/** Metadata as it stands in the fields of a form. */
export class Draft {
  description = $state('');
  tags = $state.raw<string[]>([]);
  /** What is being typed into the field for tags, and is none yet. */
  typedTag = $state('');
  license = $state('');
  credit = $state('');
  /** Whether photos with a caption in the file keep that, and do not get the description. */
  keepsCaptions = $state(true);
  /** The description of the last batch; empty where it had none. */
  lastDescription = $state('');
  #lastKeepsCaptions = true;

  constructor({ description = '', tags = [], license = '', credit = '' }: SharedMetadata = {}) {
    this.description = description;
    this.tags = tags;
    this.license = license;
    this.credit = credit;
  }

  /** Forgets what is said of one batch alone. Tags, licence and credit are often those of the next batch, too. */
  endBatch(): void {
    this.lastDescription = this.description.trim();
    this.#lastKeepsCaptions = this.keepsCaptions;
    this.description = '';
    this.keepsCaptions = true;
  }

  /** Whether the description of the last batch can be used again: nobody has written another one. */
  get canTakeLast(): boolean {
    return this.lastDescription !== '' && this.description.trim() === '';
  }

  /** Uses the description of the last batch again, with what was said of captions. */
  takeLast(): void {
    this.description = this.lastDescription;
    this.keepsCaptions = this.#lastKeepsCaptions;
    this.lastDescription = '';
  }

  /** Makes a tag of what was typed, as leaving the field does: somebody may not have been there since it came back. */
  takeTypedTag(): void {
    this.tags = addTags(this.tags, splitTags(this.typedTag));
    this.typedTag = '';
  }

  /** Fills the fields that are empty. What is said of captions goes with the description, and the tag that was typed with the tags. */
  fill(
    { description = '', tags = [], license = '', credit = '' }: SharedMetadata,
    replacesCaptions = false,
    typedTag = '',
  ): void {
    if (this.description.trim() === '') {
      this.description = description;
      if (replacesCaptions) this.keepsCaptions = false;
    }
    if (this.tags.length === 0 && this.typedTag === '') {
      this.tags = tags;
      this.typedTag = typedTag;
    }
    if (this.license === '') this.license = license;
    if (this.credit.trim() === '') this.credit = credit;
  }

  /** Forgets everything: somebody else may be next. */
  clear(): void {
    this.endBatch();
    this.lastDescription = '';
    this.tags = [];
    this.typedTag = '';
    this.license = '';
    this.credit = '';
  }

  /** Whether nobody has typed anything. */
  get isEmpty(): boolean {
    return Object.keys(this.metadata).length === 0 && this.typedTag.trim() === '';
  }

  /** The fields that are filled in; the API has defaults for the others. */
  get metadata(): SharedMetadata {
    const description = this.description.trim();
    const credit = this.credit.trim();
    return {
      ...(description === '' ? {} : { description }),
      ...(this.tags.length === 0 ? {} : { tags: normalizeTags(this.tags) }),
      ...(this.license === '' ? {} : { license: this.license }),
      ...(credit === '' ? {} : { credit }),
    };
  }
}

/** What all files of the next upload have in common. The fields keep their texts while the page shows something else. */
export const sharedDraft = new Draft();
