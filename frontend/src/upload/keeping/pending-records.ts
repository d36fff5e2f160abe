/** What a page has still to do with pictures, as the browser keeps it. */
import type { EditContent, Image, ImageChanges } from '../../api/types';

/** An edit that is not saved. */
export type PendingEdit =
  /** Of one picture, as it was before. */
  | { readonly image: Image; readonly set: ImageChanges }
  /** Of the pictures with these names, by id, at the revisions at which somebody has seen them where they are known. */
  | {
      readonly pictures: ReadonlyMap<string, string>;
      readonly edit: EditContent;
      readonly revisions?: ReadonlyMap<string, number>;
    };

/** What a page may have still to do. Each kind has records of its own: one of a kind a page. */
export const PENDING_KINDS = ['deletion', 'edit'] as const;

export type PendingKind = (typeof PENDING_KINDS)[number];

/** What a page has still to do of one kind. */
export interface PendingContent {
  /** The names of the pictures that are to be deleted, by their ids. */
  readonly pictures?: ReadonlyMap<string, string>;
  /** The edits that are not saved. */
  readonly edits?: readonly PendingEdit[];
}

export interface PendingRecord extends PendingContent {
  /** The page's name among all pages that have had something to do. */
  readonly page: string;
  /** Who wants it to be done. */
  readonly owner: string;
  /** When it was asked for (ms since 1970). */
  readonly asked: number;
}

/** What the records are kept in; tests have one in memory. */
export interface PendingStore {
  listPending(kind: PendingKind): Promise<PendingRecord[]>;
  /** Writes the records of pages, by their names; null for a page that has nothing to do any more. */
  putPending(kind: PendingKind, changes: ReadonlyMap<string, PendingRecord | null>): Promise<void>;
}

/** What the lock is called that a page with something to do holds until it ends. */
export function getLockName(kind: PendingKind, page: string): string {
  return `${getChannelName(kind)}.${page}`;
}

/** On this channel, pages tell each other that there are other records. */
export function getChannelName(kind: PendingKind): string {
  return `stockroom.${kind}s`;
}
