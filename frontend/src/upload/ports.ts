/** What the queue needs from the outside; tests hand in their own. */
import type { SharedMetadata, Ticket, TicketAnswer, Upload, UploadAnswer, UploadFile } from '../api/types';
import type { Reason } from './item';

export interface UploadApi {
  createUploads(files: UploadFile[], shared: SharedMetadata): Promise<UploadAnswer[]>;
  renewTickets(ids: string[]): Promise<TicketAnswer[]>;
  uploadStates(ids: string[]): Promise<Upload[]>;
  cancelUpload(id: string): Promise<void>;
}

/** Sends the file to its ticket's URL; resolves to the HTTP status, rejects with NetworkError or AbortError. */
export type Put = (
  ticket: Ticket,
  file: File,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
) => Promise<number>;

/** SHA-256 of the file as hex. Rejects when the file cannot be read any more, or with AbortError. */
export type Hash = (file: File, onProgress: (bytes: number) => void, signal: AbortSignal) => Promise<string>;

/** Media type of the file by its content, or why it does not meet the specification. */
export type Inspect = (file: File) => Promise<{ type: string } | { reason: Reason }>;

export interface Clock {
  /** Server time in ms: the local clock corrected by what the server's Date header said. */
  now(): number;
  /** Calls back after so many ms; returns what undoes it. */
  after(ms: number, callback: () => void): () => void;
}

export interface Ports {
  api: UploadApi;
  put: Put;
  hash: Hash;
  inspect: Inspect;
  clock: Clock;
  random: () => number;
  /** False when it is certain that there is no connection; `UploadQueue.hasten` says when it is back. */
  online: () => boolean;
  /** Can the file still be read? It cannot after it was changed or moved on disk. */
  readable: (file: File) => Promise<boolean>;
}

export interface Settings {
  /** Files in one POST /api/uploads at most. */
  batch: number;
  /** Files being sent at the same time. */
  connections: number;
  /** Files being hashed at the same time. */
  hashers: number;
  /** Attempts to send one file before it is given up. */
  attempts: number;
  /** Ids in one status request at most: they must fit a URL. */
  polled: number;
}

export const DEFAULTS: Settings = { batch: 100, connections: 4, hashers: 2, attempts: 8, polled: 200 };
