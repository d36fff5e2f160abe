/** What the states are called, and which of them a person can do something about. */
import type { Reason, UploadState } from './item';

export function stateWord(state: UploadState, started: boolean): string {
  switch (state) {
    case 'waiting':
      return 'Waiting';
    case 'hashing':
      return 'Checking';
    case 'hashed':
      return started ? 'Waiting' : 'Ready to upload';
    case 'queued':
      return 'Waiting';
    case 'uploading':
      return 'Uploading';
    case 'processing':
      return 'Processing';
    case 'ready':
      return 'Ready';
    case 'duplicate':
      return 'Already there';
    case 'rejected':
      return 'Not taken';
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** Judgements on the content: the same file gets the same answer again. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  'empty',
  'type',
  'too-large',
  'not-an-image',
  'unsupported-type',
  'too-many-pixels',
  'side-too-long',
  'truncated',
  'corrupt',
  'unreadable',
]);

export function canRetry(state: UploadState, reason: Reason | null): boolean {
  if (state === 'cancelled') return true;
  return (state === 'failed' || state === 'rejected') && !FINAL_CODES.has(reason?.code ?? '');
}
