/** What is announced once nothing is under way any more. */
import { formatCount } from '../../app/format';
import type { Group } from './groups';
import type { Progress } from './progress';

/** The groups of files of which the announcement says how many there are. */
const TOLD: readonly Group[] = ['ready', 'duplicate', 'failed', 'rejected', 'cancelled', 'cancelling'];

/**
 * “40 photos ready, 2 photos failed.”: what has become of the last upload, and nothing of which there is none. The numbers are those
 * on the screen. Where the screen counts files of earlier uploads, too, the sentence says that it does not.
 */
export function describeEnd({ upload, counts }: Pick<Progress, 'upload' | 'counts'>): string {
  const { ready, duplicate, failed, rejected, cancelled, cancelling } = upload;
  const parts = [
    ready > 0 ? `${formatCount(ready, 'photo')} ready` : '',
    duplicate > 0 ? `${formatCount(duplicate, 'photo')} already there` : '',
    failed > 0 ? `${formatCount(failed, 'photo')} failed` : '',
    rejected > 0 ? `${formatCount(rejected, 'file')} not taken` : '',
    cancelled + cancelling > 0 ? `${formatCount(cancelled + cancelling, 'photo')} cancelled` : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return '';
  const said = `${parts.join(', ')}.`;
  return TOLD.every((group) => counts[group] === upload[group]) ? said : `This upload: ${said}`;
}
