/** What the button says that leads from the filters to what they have found. */
import { formatCount } from '../app/format';
import { ROUNDED_FROM, roundCount, type Found } from './count';

/** “Show 12 pictures”, “Show about 1,200 pictures”; “Show pictures” while nobody knows how many there are, and “Close
 * the filters” where there are none. */
export function describeShowing(found: Found | null): string {
  const count = found === null || found.isAll ? found?.shown : found.count;
  if (count == null || count < (found?.shown ?? 0)) return 'Show pictures';
  if (count === 0) return 'Close the filters';
  if (found?.isAll || count < ROUNDED_FROM) return `Show ${formatCount(count, 'picture')}`;
  return `Show about ${formatCount(roundCount(count), 'picture')}`;
}
