/**
 * The states of a file in the upload queue, and the transitions between them.
 *
 *     waiting → hashing → hashed → queued → uploading → processing → ready
 *
 * A file can also end as duplicate, rejected, failed or cancelled; `restart` makes such a file wait again. A file
 * that the API knows is `cancelling` first, until the API has confirmed. A file that the page has kept in mind without
 * its content is `missing`, and waits again once somebody has chosen it again.
 * A transition takes a state and returns the next one. The type of its first parameter says in which states the
 * transition is allowed.
 */
import type { Image, Ticket } from '../../api/types';
import { createReason, retellReason, withRetryHint, type Reason } from '../../app/reasons';

/** A file as its content, whatever its name. */
export interface Content {
  /** Media type by the first bytes. */
  readonly type: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface IssuedTicket {
  readonly ticket: Ticket;
  /** Server time (ms). */
  readonly issuedAt: number;
}

/** Automatic retries of a file since somebody pressed "Upload" or "Retry". */
export interface Retries {
  /** PUTs that failed in a row. */
  readonly sends: number;
  /** Times that the API had lost the upload and it was created again. */
  readonly creations: number;
}

/** The file waits for a free hasher. */
export type Waiting = { readonly name: 'waiting'; readonly retries: Retries };

/** The file is inspected, then hashed. */
export type Hashing = {
  readonly name: 'hashing';
  readonly abort: AbortController;
  readonly hashedBytes: number;
  readonly retries: Retries;
};

/** The file waits for "Upload", then for the API's answer. */
export type Hashed = { readonly name: 'hashed'; readonly content: Content; readonly retries: Retries };

/** The API has a row for the file. The file waits for a free connection or, without a ticket, for a new ticket. */
export type Queued = {
  readonly name: 'queued';
  readonly content: Content;
  readonly id: string;
  readonly issued: IssuedTicket | null;
  /** Server time (ms) before which the file is not sent again. */
  readonly notBefore: number;
  /** Why the last PUT failed. */
  readonly reason: Reason | null;
  readonly retries: Retries;
};

/** The file is being sent to storage. */
export type Uploading = {
  readonly name: 'uploading';
  readonly content: Content;
  readonly id: string;
  readonly issued: IssuedTicket;
  readonly abort: AbortController;
  readonly sentBytes: number;
  readonly retries: Retries;
};

/** Storage has the file, and the library makes its renditions. */
export type Processing = {
  readonly name: 'processing';
  readonly content: Content;
  readonly id: string;
  readonly retries: Retries;
};

/** The file is a picture in the library. */
export type Ready = { readonly name: 'ready'; readonly content: Content; readonly image: Image | null };

/** The library or this list has the same content already. An earlier version of the page has kept the file without `content`. */
export type Duplicate = {
  readonly name: 'duplicate';
  readonly content?: Content;
  readonly image: Image | null;
  readonly reason: Reason;
};

/** The file was not taken, and nothing of it was sent. `content` is absent where the file was not hashed. */
export type Rejected = { readonly name: 'rejected'; readonly content?: Content; readonly reason: Reason };
/** The file was taken, but something went wrong afterwards; or it could not be read. `content` as above. */
export type Failed = { readonly name: 'failed'; readonly content?: Content; readonly reason: Reason };
/** `from`: the page does not have the file, so that it is missing again when somebody wants it after all. */
export type Cancelled = { readonly name: 'cancelled'; readonly from?: Missing };

/** The page was closed before the file had arrived, and has no way to the file: somebody has to choose it again. */
export type Missing = { readonly name: 'missing'; readonly content: Content | null };

/** Somebody has cancelled the file, and the API has not confirmed yet that its row is gone. */
export type Cancelling = {
  readonly name: 'cancelling';
  readonly from: Registered;
  /** Whether the file is uploaded again once its row is gone: the cancellation was taken back too late. */
  readonly isUndone?: true;
};

/** The API has a row for the file. */
export type Registered = Queued | Uploading | Processing;

/** Storage does not have the file yet, so closing the page would lose it. */
export type UnsentState = Waiting | Hashing | Hashed | Queued | Uploading;
export type ActiveState = UnsentState | Processing | Cancelling;
export type FinalState = Ready | Duplicate | Rejected | Failed | Cancelled;
export type UploadState = ActiveState | FinalState | Missing;

/** Times that a lost upload is created again before the file fails. */
const MAX_CREATIONS = 3;

export const NO_RETRIES: Retries = { sends: 0, creations: 0 };

const FINAL_STATES: ReadonlySet<UploadState['name']> = new Set<FinalState['name']>([
  'ready',
  'duplicate',
  'rejected',
  'failed',
  'cancelled',
]);

export function isFinal(state: UploadState): state is FinalState {
  return FINAL_STATES.has(state.name);
}

/** Whether closing the page would lose the file, or leave a picture that somebody has cancelled. */
export function isUnsent(state: UploadState): state is UnsentState | Cancelling {
  return !isFinal(state) && state.name !== 'processing' && state.name !== 'missing';
}

/** The row that becomes a picture only if the file still arrives, or that somebody has cancelled; null where there is none. */
export function findOpenRow(state: UploadState): string | null {
  if (state.name === 'cancelling') return state.from.id;
  return state.name === 'queued' || state.name === 'uploading' ? state.id : null;
}

/** Whether the same request about the same file may succeed next time. */
export function canRetry(state: UploadState): boolean {
  if (state.name === 'failed' || state.name === 'rejected') return state.reason.canRetry;
  return state.name === 'cancelled' || (state.name === 'duplicate' && state.reason.canRetry);
}

/** Whether the file was not sent, as the library has refused its content before: a retry is possible, and nobody waits for it. */
export function isRefusedBefore(state: UploadState): boolean {
  return state.name === 'rejected' && state.reason.code === 'refused-before';
}

/** Whether a file that has failed, or was not taken, may arrive if it is tried again. */
export function mayArrive(state: UploadState): boolean {
  return canRetry(state) && !isRefusedBefore(state);
}

/** Whether the file has the same content as another one in the list, which is uploaded instead. */
export function isTwin(state: UploadState): boolean {
  return state.name === 'duplicate' && state.reason.code === 'same-as-another';
}

/** Whether the file was refused for its description, tags, licence or credit, which can be changed. */
export function needsOtherDetails(state: UploadState): boolean {
  return (state.name === 'failed' || state.name === 'rejected') && state.reason.needsOtherDetails === true;
}

export function getReason(state: UploadState): Reason | null {
  return 'reason' in state ? state.reason : null;
}

/** The state of an earlier page, with its reason in the language that this page has. */
export function retell(state: UploadState): UploadState {
  switch (state.name) {
    case 'duplicate':
    case 'rejected':
    case 'failed':
      return { ...state, reason: retellReason(state.reason) };
    default:
      return state;
  }
}

/** The picture in the library, as far as the page knows one. */
export function getImage(state: UploadState): Image | null {
  return 'image' in state ? state.image : null;
}

/** Bytes hashed while hashing, bytes sent while uploading, else 0. */
export function getDoneBytes(state: UploadState): number {
  if (state.name === 'hashing') return state.hashedBytes;
  return state.name === 'uploading' ? state.sentBytes : 0;
}

export function begin(): Waiting {
  return { name: 'waiting', retries: NO_RETRIES };
}

export function startHashing({ retries }: Waiting, abort: AbortController): Hashing {
  return { name: 'hashing', abort, hashedBytes: 0, retries };
}

export function setHashedBytes(state: Hashing, hashedBytes: number): Hashing {
  return { ...state, hashedBytes };
}

export function postponeHashing({ retries }: Hashing): Waiting {
  return { name: 'waiting', retries };
}

export function finishHashing({ retries }: Hashing, content: Content): Hashed {
  return { name: 'hashed', content, retries };
}

/** The API has created a row for the file. */
export function enqueue({ content, retries }: Hashed, id: string, issued: IssuedTicket): Queued {
  return { name: 'queued', content, id, issued, notBefore: 0, reason: null, retries };
}

export function renewTicket(state: Queued, issued: IssuedTicket): Queued {
  return { ...state, issued };
}

/** There is nothing to send any more: the upload is lost, or has arrived with a PUT of whose answer nobody knows. */
export function awaitOutcome({ content, id, retries }: Queued): Processing {
  return { name: 'processing', content, id, retries };
}

export function skipDelay(state: Queued): Queued {
  return { ...state, notBefore: 0 };
}

export function startSending(state: Queued, issued: IssuedTicket, abort: AbortController): Uploading {
  const { content, id, retries } = state;
  return { name: 'uploading', content, id, issued, abort, sentBytes: 0, retries };
}

export function setSentBytes(state: Uploading, sentBytes: number): Uploading {
  return { ...state, sentBytes };
}

/** Storage has the file. */
export function finishSending({ content, id, retries }: Uploading): Processing {
  return { name: 'processing', content, id, retries: { ...retries, sends: 0 } };
}

/** Sends the file again after a failed PUT. Without `issued`, the file waits for a new ticket. */
export function retrySending(
  { content, id, retries: { sends, creations } }: Uploading,
  cause: Reason,
  notBefore: number,
  issued: IssuedTicket | null,
): Queued {
  const reason = withRetryHint(cause, true);
  const retries = { sends: sends + 1, creations };
  return { name: 'queued', content, id, issued, notBefore, reason, retries };
}

/** Sends the file again once there is a connection. The broken PUT does not count as a retry. */
export function waitForConnection({ content, id, issued, retries }: Uploading, cause: Reason): Queued {
  const reason = withRetryHint(cause, false);
  return { name: 'queued', content, id, issued, notBefore: 0, reason, retries };
}

/** Stops sending: whoever has the ticket has signed out. The file goes on if the same person comes back. */
export function stopSending({ content, id, issued, retries }: Uploading): Queued {
  return { name: 'queued', content, id, issued, notBefore: 0, reason: null, retries };
}

/** Leaves a row to somebody else, who has not sent the file: the upload is created again in the new owner's name. */
export function leaveRow({ content, retries }: Queued | Uploading): Hashed {
  return { name: 'hashed', content, retries };
}

/** The API has lost the upload. The page still has the file, so the upload is created again. */
export function recreate({ content, retries }: Registered): Hashed | Failed {
  const counted = countCreation(retries);
  if (counted === null) return { name: 'failed', reason: createReason('upload-lost') };
  return { name: 'hashed', content, retries: counted };
}

/** The file has changed on disk since it was hashed, so it is hashed and created again. */
export function rehash({ retries }: Uploading): Waiting | Failed {
  const counted = countCreation(retries);
  if (counted === null) return { name: 'failed', reason: createReason('file-changed') };
  return { name: 'waiting', retries: counted };
}

function countCreation(retries: Retries): Retries | null {
  const creations = retries.creations + 1;
  return creations > MAX_CREATIONS ? null : { ...retries, creations };
}

export function finish({ content }: Processing, image: Image | null): Ready {
  return { name: 'ready', content, image };
}

/** The picture of the same content is the one that an earlier request of this file has made. */
export function recognise({ content }: Hashed, image: Image): Ready {
  return { name: 'ready', content, image };
}

export function markDuplicate({ content }: Hashed, image: Image | null, reason: Reason): Duplicate {
  return { name: 'duplicate', content, image, reason };
}

export function reject(from: Hashing | Hashed, reason: Reason): Rejected {
  return { name: 'rejected', ...keepContent(from), reason };
}

export function fail(from: ActiveState, reason: Reason): Failed {
  return { name: 'failed', ...keepContent(from.name === 'cancelling' ? from.from : from), reason };
}

function keepContent(from: Exclude<ActiveState, Cancelling>): { readonly content?: Content } {
  return 'content' in from ? { content: from.content } : {};
}

/** Whether somebody has cancelled the file, and still wants that. */
export function isBeingCancelled(state: UploadState): boolean {
  return state.name === 'cancelling' && state.isUndone !== true;
}

/** Whether somebody can cancel the file. */
export function canCancel(state: UploadState): state is ActiveState | Missing {
  return !isFinal(state) && !isBeingCancelled(state);
}

/** Gives the file up: at once when the API has no row for it, else once the API has confirmed. */
export function cancel(from: ActiveState | Missing): Cancelling | Cancelled {
  if (from.name === 'cancelling') return { name: 'cancelling', from: from.from };
  if (from.name === 'missing') return { name: 'cancelled', from };
  return 'id' in from ? { name: 'cancelling', from } : { name: 'cancelled' };
}

/** The row is gone. */
export function finishCancelling({ isUndone }: Cancelling): Cancelled | Waiting {
  return isUndone ? begin() : { name: 'cancelled' };
}

/** Somebody wants the file after all, and the API has not been asked to remove the row, or has not done it. */
export function keepRow({ from }: Cancelling): Queued | Processing {
  return from.name === 'uploading' ? stopSending(from) : from;
}

/** Somebody wants the file after all, and the row is being removed. */
export function wantAgain(state: Cancelling): Cancelling {
  return { ...state, isUndone: true };
}

/** The library already processes the file, so the cancellation came too late. */
export function undoCancel({ from: { content, id, retries } }: Cancelling): Processing {
  return { name: 'processing', content, id, retries };
}

/** The page does not have the file any more. */
export function lose(state: Waiting | Queued): Missing {
  return { name: 'missing', content: 'content' in state ? state.content : null };
}

/** Somebody has chosen the file again. */
export function find(_from: Missing): Waiting {
  return begin();
}

/** The content of a missing file was found in a file that somebody has chosen under another name, or elsewhere. */
export function findContent(_from: Missing, content: Content): Hashed {
  return { name: 'hashed', content, retries: NO_RETRIES };
}

/** Starts over. The file may have changed meanwhile, so it is inspected and hashed again. */
export function restart(from: Exclude<FinalState, Ready>): Waiting | Missing {
  return from.name === 'cancelled' && from.from !== undefined ? from.from : begin();
}
