/** One file on its way into the library, and the words for where it has got to. */
import type { Image, SharedMetadata, Ticket } from '../api/types';

export type UploadState =
  | 'waiting' //    for its turn to be hashed
  | 'hashing'
  | 'hashed' //     known by content; waits for "Upload", or for the answer of the API
  | 'queued' //     has a ticket, waits for a free connection
  | 'uploading'
  | 'processing' // it has landed; renditions are being made
  | 'ready'
  | 'duplicate'
  | 'rejected' //   does not meet the specification, nothing was sent
  | 'failed'
  | 'cancelled';

export interface Reason {
  code: string;
  detail: string;
  /** What to do about it, if there is something. */
  hint?: string;
}

/** What a contributor may say about one file beyond what all of them share. */
export type FileMetadata = SharedMetadata;

export interface UploadItem {
  readonly key: number;
  readonly file: File;
  readonly name: string;
  readonly size: number;
  /** Media type by content, not by the name's ending. */
  type: string;
  metadata: FileMetadata;
  /** Shared metadata as it was when "Upload" was pressed; null before. */
  shared: SharedMetadata | null;
  state: UploadState;
  /** Bytes hashed or sent so far, whichever the state is about. */
  done: number;
  sha256: string | null;
  id: string | null;
  ticket: Ticket | null;
  /** When the ticket was given, in server time (ms). */
  ticketed: number;
  image: Image | null;
  reason: Reason | null;
  /** Attempts to send since the last success or the last "Retry". */
  attempts: number;
  /** Not before this time (server ms) may it be sent again. */
  notBefore: number;
  /** Times the API has forgotten it and the file was posted again. */
  reposts: number;
  abort: AbortController | null;
}

const FINAL: ReadonlySet<UploadState> = new Set(['ready', 'duplicate', 'rejected', 'failed', 'cancelled']);

export function isFinal(state: UploadState): boolean {
  return FINAL.has(state);
}

/** Would leaving the page lose something? Files that wait for "Upload" count: they were chosen. */
export function isBusy(item: UploadItem): boolean {
  return !isFinal(item.state) && item.state !== 'processing';
}

export function newItem(key: number, file: File, type: string): UploadItem {
  return {
    key,
    file,
    name: file.name,
    size: file.size,
    type,
    metadata: {},
    shared: null,
    state: 'waiting',
    done: 0,
    sha256: null,
    id: null,
    ticket: null,
    ticketed: 0,
    image: null,
    reason: null,
    attempts: 0,
    notBefore: 0,
    reposts: 0,
    abort: null,
  };
}
