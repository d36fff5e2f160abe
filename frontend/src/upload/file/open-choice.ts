/** What somebody has chosen at once, for as long as some of it is not written: a crash of the browser would lose that without a word. */
import { getPath } from '../selection/file-handles';
import type { ChosenFile } from '../selection/unopened-file';
import type { UploadItem } from './item.svelte';

/** What the browser keeps of a choice until each of its files is written. */
export interface ChoiceRecord {
  readonly id: string;
  /** The page in some tab in which the files were chosen, or that tells of them since. */
  readonly page: string;
  /** Who has chosen them; null when nobody was signed in. */
  readonly owner: string | null;
  readonly total: number;
  /** Of how many it is known what they are: they are written, or were in the list, are another tab's, or have left the list. */
  readonly recorded: number;
  /** The folder that was chosen; empty where it was none, or several. */
  readonly folder: string;
  /** Ms since 1970. */
  readonly chosen: number;
  /** Whether the page in which the files were chosen has ended, and `page` tells of them; absent while it lives. */
  readonly isLeft?: true;
}

export class OpenChoice {
  /** Set once the choice is kept. */
  id = '';
  readonly total: number;
  readonly folder: string;
  /** How many of the files are known from an earlier choice of the same, which ended with its page. */
  before = 0;
  /** Is called when more of the files are known, or all of them, without having been written. */
  onchange: () => void = () => undefined;
  /** Files that are not in the list yet. */
  #coming: number;
  /** Files that are in the list alone. */
  readonly #unwritten = new Set<UploadItem>();

  constructor(
    files: readonly ChosenFile[],
    readonly owner: string | null,
    readonly chosen: number,
  ) {
    this.total = this.#coming = files.length;
    this.folder = findFolder(files);
  }

  get isComplete(): boolean {
    return this.#coming + this.#unwritten.size === 0;
  }

  get recorded(): number {
    return Math.max(this.before, this.total - this.#coming - this.#unwritten.size);
  }

  /** Some of the files, as many as `count`, have been added: `added` are new in the list. */
  settle(count: number, added: readonly UploadItem[]): void {
    this.#coming -= count;
    for (const item of added) this.#unwritten.add(item);
    if (added.length < count) this.onchange();
  }

  /** Nothing more comes: what was to be added was given up. */
  end(): void {
    this.#coming = 0;
    this.onchange();
  }

  /** Files are written, or about to be. Returns those of this choice that were not before. */
  write(items: readonly UploadItem[]): readonly UploadItem[] {
    return items.filter((item) => this.#unwritten.delete(item));
  }

  /** They could not be written. */
  unwrite(items: readonly UploadItem[]): void {
    for (const item of items) this.#unwritten.add(item);
    this.dropGone();
  }

  /** Nobody waits until those are written that have left the list. */
  dropGone(): void {
    for (const item of this.#unwritten) if (item.isGone) this.#unwritten.delete(item);
  }
}

/** Whether with a choice, what was left of an earlier one was chosen again, as far as can be told. */
export function isChosenAgain(
  left: Pick<ChoiceRecord, 'total' | 'recorded' | 'folder'>,
  later: Pick<ChoiceRecord, 'total' | 'folder'>,
): boolean {
  if (left.folder !== '' && later.folder !== '') return left.folder === later.folder;
  return later.total >= left.total - left.recorded;
}

/** Whether two choices look as the same one, made twice. */
export function isSame(
  one: Pick<ChoiceRecord, 'total' | 'folder'>,
  other: Pick<ChoiceRecord, 'total' | 'folder'>,
): boolean {
  return one.folder === other.folder && (one.folder !== '' || one.total === other.total);
}

/** The folder that all of the files are in. */
function findFolder(files: readonly ChosenFile[]): string {
  const folders = new Set(files.map(getTop));
  const [folder = ''] = folders;
  return folders.size === 1 ? folder : '';
}

function getTop(file: ChosenFile): string {
  const path = file instanceof File ? getPath(file) : file.path;
  return /^[^/]+(?=\/)/.exec(path)?.[0] ?? '';
}
