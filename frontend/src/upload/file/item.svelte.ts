import type { SharedMetadata } from '../../api/types';
import { leaveCaption } from '../draft/captions';
import { suggestName, suggestTitle } from '../draft/title';
import type { Embedded } from '../embedded/embedded';
import { getPath } from '../selection/file-handles';
import type { UnopenedFile } from '../selection/unopened-file';
import { createReason } from '../../app/reasons';
import { begin, fail, retell, type UploadState } from './state';

/** What is known of a file, whether or not the page has its content. */
export interface FileFacts {
  readonly name: string;
  readonly size: number;
  /** Ms since 1970. */
  readonly lastModified: number;
  /** The path below the folder that was chosen; empty for a file that was chosen alone. */
  readonly path: string;
}

let nextKey = 1;

/** How often somebody has wanted a file, or one has arrived: tells which of the two was first. */
let moments = 0;

/** One chosen file, with its metadata and its state in the upload queue. The fields are reactive. */
export class UploadItem implements FileFacts {
  readonly key = nextKey++;
  readonly name: string;
  size = $state.raw(0);
  lastModified = $state.raw(0);
  path: string;
  #state = $state.raw<UploadState>(begin());
  /** Metadata of this file alone, which the API adds to `shared` or prefers to it. */
  metadata = $state.raw<SharedMetadata>({});
  /** The title that somebody has typed; null as long as it is what the file suggests. */
  ownTitle = $state.raw<string | null>(null);
  /** What the file says about its picture, which fills what stays empty; null as long as it is not known to say anything. */
  embedded = $state.raw<Embedded | null>(null);
  /** Whether the file, whose hash is known, is being read for `embedded`. */
  isReading = false;
  /** The metadata that all files had in common when somebody pressed "Upload"; null before. */
  shared = $state.raw<SharedMetadata | null>(null);
  /** Whether a caption that stands in the file comes before the description that all files have in common. */
  keepsCaption = false;
  /** Whether the list shows the fields of this file's own metadata. */
  isOpen = $state(false);
  /** Null when the page was closed since the file was chosen, and has no way to the file. */
  file = $state.raw<File | null>(null);
  /** Whether the page finds the file again after it was closed. */
  isKept = false;
  /** The last row that the API has had for the file: a picture with this id is the file itself, and no duplicate of it. */
  uploadId: string | null = null;
  /** When the file was chosen (`performance.now`); negative where that was in a page before. */
  chosen = -1;
  /** Whether it was missing, and somebody has chosen it in this page. */
  isFound = false;
  /** Whether all was done with the files of its time when others were chosen: the progress is about those. */
  isPast = false;
  /** Whether it was in the list without having been started when others were uploaded: it is of an earlier choice than later ones. */
  isLeft = false;
  /** Whether somebody wants it uploaded though its content has arrived, or was refused, before. */
  isAskedAgain = false;
  /** The same file, by its path, size and date, where somebody has chosen it again when this one was done with. */
  newer: UploadItem | null = null;
  /** Whether it has left the list. */
  isGone = false;
  /**
   * Whether it has left the list as another entry of the same file is in it: one that was missing, and goes on with this file
   * (`found`), or one for which nothing has changed (`listed`).
   */
  merged: 'found' | 'listed' | null = null;
  /** Whether a file that looks the same, by its path, size and date, was done with when this one was chosen. */
  isRepeated = false;
  /** Whether it may have arrived before, and the library has not said so yet. */
  isUndecided = false;
  /** Whether the library could not be asked that, so that somebody may upload the file all the same. */
  isUnanswered = false;
  /** When somebody last wanted it uploaded, and when it was last known to be in the library, as numbers that grow. */
  wanted = 0;
  settled = 0;
  /** The place in the list. */
  position = 0;
  /** Called when the file has come into another state, or has been read; not for every piece of it that is sent. */
  onchange: (item: UploadItem) => void = () => undefined;
  /** Called for every piece that is sent, too. */
  onprogress: () => void = () => undefined;

  constructor(file: File | FileFacts) {
    this.name = file.name;
    this.size = file.size;
    this.lastModified = file.lastModified;
    this.path = file instanceof File ? getPath(file) : file.path;
    if (file instanceof File) this.file = file;
  }

  /** A file that was in the list when the page was closed. */
  static restore(
    record: FileFacts &
      Pick<UploadItem, 'metadata' | 'shared' | 'position'> &
      Partial<Pick<UploadItem, 'ownTitle' | 'uploadId' | 'embedded' | 'keepsCaption' | 'isPast'>>,
    file: File | null,
    state: UploadState,
  ): UploadItem {
    const item = new UploadItem(record);
    item.metadata = record.metadata;
    item.ownTitle = record.ownTitle ?? null;
    item.embedded = record.embedded ?? null;
    item.shared = record.shared;
    item.keepsCaption = record.keepsCaption ?? false;
    item.uploadId = record.uploadId ?? null;
    item.isPast = record.isPast ?? false;
    item.position = record.position;
    if (file !== null) item.receive(file);
    item.#state = retell(state);
    return item;
  }

  /** A file that is in the list to say that it is not uploaded, and why. */
  static createFailed(file: UnopenedFile): UploadItem {
    const item = new UploadItem(file);
    item.#state = fail(begin(), createReason('file-unreadable'));
    return item;
  }

  /** Takes the file that was found again, and may have changed, or be elsewhere, meanwhile. */
  receive(file: File, path = this.path): void {
    this.file = file;
    this.path = path;
    this.size = file.size;
    this.lastModified = file.lastModified;
  }

  /** States come from the transitions in `state.ts`. Only the queue and its stages replace them. */
  get state(): UploadState {
    return this.#state;
  }

  set state(next: UploadState) {
    const { name } = this.#state;
    this.#state = next;
    if ('id' in next) this.uploadId = next.id;
    if (next.name === 'ready' || next.name === 'duplicate') this.settled = ++moments;
    this.onprogress();
    if (name !== next.name) this.onchange(this);
  }

  /**
   * The name that the library is told: what somebody has typed, else the title in the file, else what the file's name suggests.
   * Empty for a picture that is called as its file is.
   */
  get title(): string {
    if (this.ownTitle) return this.ownTitle;
    const isUntouched = this.ownTitle === null;
    return suggestName(this.embedded?.title ?? '') || (isUntouched ? suggestTitle(this.name) : '');
  }

  /** The title that the list shows: what somebody has typed, else what the file says, else what its name suggests. */
  get shownTitle(): string {
    return this.ownTitle || this.embedded?.title || this.title;
  }

  /** Somebody wants the file uploaded, now. */
  want(): void {
    this.wanted = ++moments;
  }

  setEmbedded(embedded: Embedded | null): void {
    if (embedded === null && this.embedded === null) return;
    this.embedded = embedded;
    this.onchange(this);
  }

  /** What the library is told of this file that others have, too; null before somebody has pressed “Upload”. */
  get common(): SharedMetadata | null {
    const { shared, keepsCaption, embedded } = this;
    return shared !== null && keepsCaption && embedded?.caption ? leaveCaption(shared) : shared;
  }

  /** Its metadata where it has nothing in common with other files any more. The API adds tags to those that files have in common. */
  get details(): SharedMetadata {
    const tags = [...(this.common?.tags ?? []), ...(this.metadata.tags ?? [])];
    return { ...this.common, ...this.metadata, ...(tags.length > 0 ? { tags } : {}) };
  }

  get isStarted(): boolean {
    return this.shared !== null;
  }

  /**
   * Applies a transition if the file is still in the state with this name. With `abort`, the state must also have
   * this controller: after a cancellation and a restart, the same work has another one.
   */
  update<Name extends UploadState['name']>(
    name: Name,
    transition: (state: StateNamed<Name>) => UploadState,
    abort?: AbortController,
  ): void {
    const { state } = this;
    if (state.name !== name) return;
    if (abort !== undefined && !('abort' in state && state.abort === abort)) return;
    this.state = transition(state as StateNamed<Name>);
  }
}

type StateNamed<Name> = Extract<UploadState, { name: Name }>;
