/** Which files somebody can take out of the list together, because nothing more happens to them by itself. */
import { canRetry, isRefusedBefore, needsOtherDetails, type UploadState } from './state';

/** `finished`: in the library, be it by this upload or by another one. */
export const REMOVALS = ['finished', 'rejected', 'failed', 'cancelled'] as const;

export type Removal = (typeof REMOVALS)[number];

export type RemovalCounts = Readonly<Record<Removal, number>>;

/** With which others a file can be removed; null for a file that goes on, or that somebody can help. */
export function getRemoval(state: UploadState): Removal | null {
  switch (state.name) {
    case 'ready':
    case 'duplicate':
      return 'finished';
    case 'rejected':
    case 'failed':
      return (canRetry(state) && !isRefusedBefore(state)) || needsOtherDetails(state) ? null : state.name;
    case 'cancelled':
      return 'cancelled';
    default:
      return null;
  }
}
