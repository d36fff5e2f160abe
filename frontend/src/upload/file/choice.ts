/** What is said of files that were chosen, where some of them have been in the list before. */
import { isolate, pluralize } from '../../app/format';
import { locale, t } from '../../app/texts';
import type { UploadItem } from './item.svelte';
import type { ChoiceRecord } from './open-choice';
import { isFinal, isRefusedBefore, isTwin } from './state';

/** What somebody has chosen at once. */
export interface Choice {
  readonly total: number;
  /** Files that were missing, and go on. */
  readonly found: number;
  /** Files that another tab is uploading; they are not added to the list. */
  readonly elsewhere: number;
  /** Files that are new in the list. */
  readonly added: readonly Pick<UploadItem, 'state' | 'isRepeated' | 'isUndecided'>[];
}

/** Whether any of the files was in the list already. */
export function hasRepeated({ total, found, added }: Choice): boolean {
  return added.length + found < total || added.some(({ isRepeated }) => isRepeated);
}

/** “542 files chosen: 477 are in the list already, 58 may have been uploaded before …, 1 cannot be taken, 6 are new.” */
export function describeChoice({ total, found, elsewhere, added }: Choice): string {
  const count = (isCounted: (item: Choice['added'][number]) => boolean) => added.filter(isCounted).length;
  const twins = count(({ state }) => isTwin(state));
  const known = count(({ state }) => state.name === 'duplicate') - twins;
  const refused = count(({ state }) => isRefusedBefore(state));
  const unfit = count(({ state }) => state.name === 'rejected' || state.name === 'failed') - refused;
  const cancelled = count(({ state }) => state.name === 'cancelled');
  const undecided = count(({ state, isUndecided }) => isUndecided && !isFinal(state));
  const fresh = count(({ state, isUndecided }) => !isUndecided && !isFinal(state));
  const listed = total - found - elsewhere - added.length;
  const parts = [
    listed > 0 ? pluralize(listed, '# is in the list already', '# are in the list already') : '',
    elsewhere > 0
      ? pluralize(elsewhere, '# is under way in another tab', '# are under way in another tab')
      : '',
    found > 0 ? pluralize(found, '# was found again', '# were found again') : '',
    known > 0 ? pluralize(known, '# has been uploaded before', '# have been uploaded before') : '',
    refused > 0 ? pluralize(refused, '# was refused before', '# were refused before') : '',
    twins > 0
      ? pluralize(twins, '# is the same as another in the list', '# are the same as others in the list')
      : '',
    unfit > 0 ? pluralize(unfit, '# cannot be taken', '# cannot be taken') : '',
    cancelled > 0 ? pluralize(cancelled, '# was cancelled', '# were cancelled') : '',
    undecided > 0
      ? pluralize(undecided, '# may have been uploaded before …', '# may have been uploaded before …')
      : '',
    fresh > 0 ? pluralize(fresh, '# is new', '# are new') : '',
  ].filter((part) => part !== '');
  return `${pluralize(total, '# file chosen', '# files chosen')}: ${parts.join(', ')}.`;
}

/** What is said of a choice that the page has not got to the end of before it was closed, such as by a crash. */
export function describeLeft({
  total,
  recorded,
  folder,
}: Pick<ChoiceRecord, 'total' | 'recorded' | 'folder'>): string {
  const others = (total - recorded).toLocaleString(locale);
  const name = isolate(folder);
  const isOne = total - recorded === 1;
  if (recorded === 0) {
    const lost = pluralize(
      total,
      '# photo was chosen, and the page was closed before it was known here.',
      '# photos were chosen, and the page was closed before any of them was known here.',
    );
    if (folder !== '') return `${lost} ${t`Choose the folder “${name}” again.`}`;
    return `${lost} ${pluralize(total, 'Choose it again.', 'Choose them again.')}`;
  }
  const chosen = pluralize(total, '# photo was chosen.', '# photos were chosen.');
  const known = pluralize(
    recorded,
    'When the page was closed, # of them was known here.',
    'When the page was closed, # of them were known here.',
  );
  let advice = isOne
    ? t`Choose them again to go on with the other one.`
    : t`Choose them again to go on with the other ${others}.`;
  if (folder !== '')
    advice = isOne
      ? t`Choose the folder “${name}” again to go on with the other one.`
      : t`Choose the folder “${name}” again to go on with the other ${others}.`;
  return `${chosen} ${known} ${advice} ${t`Nothing is uploaded twice.`}`;
}
