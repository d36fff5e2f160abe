/** How many pictures a search has found, in words. */
import { formatCount } from '../app/format';

/** Counts from here on are rounded: they are up to a minute old, and nobody reads their last digits. */
export const ROUNDED_FROM = 1000;

export interface Found {
  /** Pictures that are shown. */
  shown: number;
  /** Whether there are no others. */
  isAll: boolean;
  /** How many there are, as the API says it for searches of one term. */
  count: number | null;
}

/** “12 pictures”, “About 1,200 pictures”, “More than 50 pictures”. */
export function describeCount({ shown, isAll, count }: Found): string {
  if (isAll) return formatCount(shown, 'picture');
  if (count === null || count <= shown) return `More than ${formatCount(shown, 'picture')}`;
  if (count < ROUNDED_FROM) return formatCount(count, 'picture');
  return `About ${formatCount(roundCount(count), 'picture')}`;
}

export function roundCount(count: number): number {
  return Number(count.toPrecision(2));
}
