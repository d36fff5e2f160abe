/** Which files somebody can take out of the list together, because the page has nothing more to do about them. */
import type { UploadState } from './state';

/** `finished`: in the library, be it by this upload or by another one. */
export const REMOVALS = ['finished', 'cancelled'] as const;

export type Removal = (typeof REMOVALS)[number];

export type RemovalCounts = Readonly<Record<Removal, number>>;

/** With which others a file can be removed; null for a file that goes on, or needs somebody's help. */
export function getRemoval(state: UploadState): Removal | null {
  switch (state.name) {
    case 'ready':
    case 'duplicate':
      return 'finished';
    case 'cancelled':
      return 'cancelled';
    default:
      return null;
  }
}
