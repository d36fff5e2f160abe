/** What the upload queue needs from the outside; tests pass their own. */
import type { Clock } from '../../app/clock';
import type { Reason } from '../../app/reasons';
import type { Embedded } from '../embedded/embedded';
import type {
  CancelAnswer,
  SharedMetadata,
  Ticket,
  TicketAnswer,
  Upload,
  UploadAnswer,
  UploadFile,
} from '../../api/types';

/** The operations of the API that the queue calls, as in `Client`. */
export interface UploadApi {
  createUploads(files: UploadFile[], shared: SharedMetadata): Promise<UploadAnswer[]>;
  renewTickets(ids: string[]): Promise<TicketAnswer[]>;
  listUploadsById(ids: string[]): Promise<Upload[]>;
  /** One answer for each id, in order. */
  cancelUploads(ids: string[]): Promise<CancelAnswer[]>;
}

/** Storage's answer to a PUT. */
export interface PutAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** S3's name for the error, such as `BadDigest`; empty where the answer names none. */
  readonly code: string;
}

/** Sends the file to the ticket's URL. Resolves to storage's answer; rejects with NetworkError or an AbortError. */
export type PutFile = (
  ticket: Ticket,
  file: File,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
) => Promise<PutAnswer>;

export interface HashListener {
  onProgress: (bytes: number) => void;
  /** Is called once the hash is known, and before the file is read for `onEmbedded`. */
  onReading: () => void;
  /** Is told what the file says about its picture, null for nothing, once the hash is known. */
  onEmbedded: (embedded: Embedded | null) => void;
}

/** The file's SHA-256 in hexadecimal. Rejects when the file cannot be read any more, or with an AbortError. */
export type HashFile = (file: File, listener: HashListener, signal: AbortSignal) => Promise<string>;

/** The file's media type by its first bytes, or why the library would not accept the file. */
export type InspectFile = (file: File) => Promise<{ type: string } | { reason: Reason }>;

export interface Ports {
  api: UploadApi;
  put: PutFile;
  hash: HashFile;
  inspect: InspectFile;
  /** The server's clock, by which tickets expire. */
  clock: Clock;
  /** A number from 0 to 1. */
  random: () => number;
  /** False when there certainly is no connection. `UploadQueue.skipDelays` tells the queue that it is back. */
  isOnline: () => boolean;
  /** Whether the file can still be read. It cannot after it was changed or moved on disk. */
  isReadable: (file: File) => Promise<boolean>;
}

export interface Settings {
  /** Files in one `POST /api/uploads` at most. */
  batchSize: number;
  /** Files that are sent at the same time. */
  connections: number;
  /** Files that are hashed at the same time. */
  hashers: number;
  /** PUTs of one file before it fails. */
  maxSends: number;
  /** Ids in one status request at most; all of them must fit into a URL. */
  pollSize: number;
  /** Uploads that one request cancels at most. */
  cancelSize: number;
}

export const DEFAULT_SETTINGS: Settings = {
  batchSize: 100,
  connections: 4,
  hashers: 2,
  maxSends: 8,
  pollSize: 200,
  cancelSize: 500,
};
