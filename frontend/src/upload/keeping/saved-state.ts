/** A file's state as it outlives the page: without tickets, delays and what was under way. */
import { NO_RETRIES, begin, canRetry, isRefusedBefore, needsOtherDetails } from '../file/state';
import type { Content, FinalState, Missing, UploadState } from '../file/state';

export type SavedState =
  | { readonly name: 'waiting' }
  | { readonly name: 'hashed'; readonly content: Content }
  | { readonly name: 'queued' | 'processing' | 'cancelling'; readonly content: Content; readonly id: string }
  | FinalState
  | Missing;

export function saveState(state: UploadState): SavedState {
  switch (state.name) {
    case 'waiting':
    case 'hashing':
      return { name: 'waiting' };
    case 'hashed':
      return { name: 'hashed', content: state.content };
    case 'queued':
    case 'uploading':
      return { name: 'queued', content: state.content, id: state.id };
    case 'processing':
      return { name: 'processing', content: state.content, id: state.id };
    case 'cancelling':
      // The row may be gone or not: the same content gets the row that there is, or a new one.
      if (state.isUndone) return { name: 'hashed', content: state.from.content };
      return { name: 'cancelling', content: state.from.content, id: state.from.id };
    default:
      return state;
  }
}

/** The state in which a file goes on. What still has to be sent is missing without the file. */
export function restoreState(saved: SavedState, hasFile: boolean): UploadState {
  switch (saved.name) {
    case 'waiting':
      return hasFile ? begin() : { name: 'missing', content: null };
    case 'hashed':
      if (!hasFile) return { name: 'missing', content: saved.content };
      return { name: 'hashed', content: saved.content, retries: NO_RETRIES };
    case 'queued':
      if (!hasFile) return { name: 'missing', content: saved.content };
      return { ...saved, name: 'queued', issued: null, notBefore: 0, reason: null, retries: NO_RETRIES };
    case 'processing':
      return { ...saved, name: 'processing', retries: NO_RETRIES };
    case 'cancelling':
      return { name: 'cancelling', from: { ...saved, name: 'processing', retries: NO_RETRIES } };
    case 'missing':
      if (!hasFile) return saved;
      return saved.content === null
        ? begin()
        : { name: 'hashed', content: saved.content, retries: NO_RETRIES };
    default:
      return saved;
  }
}

/** Whether the file is under way, or goes on once its owner is back or somebody tries it again. */
export function isWaiting(state: SavedState): boolean {
  return (
    !['ready', 'duplicate', 'rejected', 'cancelled', 'failed'].includes(state.name) || isRetryable(state)
  );
}

function isRetryable(state: SavedState): boolean {
  if (state.name !== 'failed' && state.name !== 'rejected') return false;
  return canRetry(state) && !isRefusedBefore(state);
}

/** The row that becomes a picture only if the file still arrives, or that somebody has cancelled; null where none is known. */
export function findSavedRow(state: SavedState): string | null {
  return state.name === 'queued' || state.name === 'cancelling' ? state.id : null;
}

/** Whether a file that was started may have a row by now that is not known. */
export function mayGetRow(state: SavedState): boolean {
  return state.name === 'waiting' || state.name === 'hashed';
}

/** Whether the file's content is still needed after the page was closed. */
export function needsContent(state: SavedState): boolean {
  if (state.name === 'failed' || state.name === 'rejected')
    return canRetry(state) || needsOtherDetails(state);
  // A file may be missing only until somebody allows the page to read it again.
  return ['waiting', 'hashed', 'queued', 'missing'].includes(state.name);
}
