import { isBeingCancelled, type UploadState } from './state';

const LABELS: Readonly<Record<UploadState['name'], string>> = {
  waiting: 'Waiting',
  hashing: 'Checking',
  hashed: 'Ready to upload',
  queued: 'Waiting',
  uploading: 'Uploading',
  processing: 'Processing',
  ready: 'Ready',
  duplicate: 'Already there',
  rejected: 'Not taken',
  failed: 'Failed',
  cancelling: 'Cancelling…',
  cancelled: 'Cancelled',
  missing: 'Choose it again',
};

/** The words for the state of a file in the queue. `isStarted`: "Upload" was pressed. */
export function getStateLabel(state: UploadState, isStarted: boolean): string {
  const { name } = state;
  const isWaiting = name === 'hashed' ? isStarted : name === 'cancelling' && !isBeingCancelled(state);
  return LABELS[isWaiting ? 'waiting' : name];
}
