/** What is said of files that were chosen, where some of them have been in the list before. */
import { pluralize } from '../../app/format';
import type { UploadItem } from './item.svelte';
import { isFinal, isRefusedBefore } from './state';

/** What somebody has chosen at once. */
export interface Choice {
  readonly total: number;
  /** Files that were missing, and go on. */
  readonly found: number;
  /** Files that are new in the list. */
  readonly added: readonly Pick<UploadItem, 'state' | 'isRepeated' | 'isUndecided'>[];
}

/** Whether any of the files was in the list already. */
export function hasRepeated({ total, found, added }: Choice): boolean {
  return added.length + found < total || added.some(({ isRepeated }) => isRepeated);
}

/** “535 files chosen: 477 are in the list already, 58 are looked at, whether they are in the library.” */
export function describeChoice({ total, found, added }: Choice): string {
  const known = added.filter(({ state }) => state.name === 'duplicate').length;
  const refused = added.filter(({ state }) => isRefusedBefore(state)).length;
  const undecided = added.filter(({ state, isUndecided }) => isUndecided && !isFinal(state)).length;
  const fresh = added.length - known - refused - undecided;
  const listed = total - found - added.length;
  const parts = [
    listed > 0 ? pluralize(listed, '# is in the list already', '# are in the list already') : '',
    found > 0 ? pluralize(found, '# was found again', '# were found again') : '',
    known > 0 ? pluralize(known, '# has been uploaded before', '# have been uploaded before') : '',
    refused > 0 ? pluralize(refused, '# was refused before', '# were refused before') : '',
    undecided > 0
      ? pluralize(undecided, '# may have been uploaded before …', '# may have been uploaded before …')
      : '',
    fresh > 0 ? pluralize(fresh, '# is new', '# are new') : '',
  ].filter((part) => part !== '');
  return `${pluralize(total, '# file chosen', '# files chosen')}: ${parts.join(', ')}.`;
}
