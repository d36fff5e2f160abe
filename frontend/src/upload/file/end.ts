/** What is announced once nothing is under way any more. */
import { formatCount } from '../../app/format';
import type { GroupCounts } from './groups';

/** “40 photos ready, 2 photos failed.”: what there is, and nothing of which there is none. */
export function describeEnd({
  ready,
  duplicate,
  failed,
  rejected,
  cancelled,
  cancelling,
}: GroupCounts): string {
  const parts = [
    ready + duplicate > 0 ? `${formatCount(ready + duplicate, 'photo')} ready` : '',
    failed > 0 ? `${formatCount(failed, 'photo')} failed` : '',
    rejected > 0 ? `${formatCount(rejected, 'file')} not taken` : '',
    cancelled + cancelling > 0 ? `${formatCount(cancelled + cancelling, 'photo')} cancelled` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `${parts.join(', ')}.`;
}
