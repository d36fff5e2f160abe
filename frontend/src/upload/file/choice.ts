/** What is said of files that were chosen: on the screen where some of them have been in the list before, and in the announcement. */
import { formatCount, isolate, pluralize } from '../../app/format';
import { locale, t } from '../../app/texts';
import type { UploadItem } from './item.svelte';
import type { ChoiceRecord } from './open-choice';
import { isFinal, isRefusedBefore, isTwin } from './state';

/** What somebody has chosen at once. */
export interface Choice {
  readonly total: number;
  /** Files that were missing, and went on as soon as they were chosen. */
  readonly found: number;
  /** Files that another tab is uploading; they are not added to the list. */
  readonly elsewhere: number;
  /** Files that were added to the list, with those that have left it again as another entry of theirs is in it (`merged`). */
  readonly added: readonly Chosen[];
}

type Chosen = Pick<
  UploadItem,
  'state' | 'isGone' | 'isFound' | 'merged' | 'isRepeated' | 'isUndecided' | 'isUnanswered'
>;

const NONE: ReadonlySet<string> = new Set();

/** Whether any of the files was in the list already. */
export function hasRepeated({ total, found, added }: Choice): boolean {
  return (
    added.length + found < total ||
    added.some(({ isRepeated, merged }) => merged === 'listed' || (isRepeated && merged === null))
  );
}

/** How many files of a choice the page has not looked at, or not asked the library about, so that they may prove to be known. */
export function countOpen({ added }: Choice): number {
  return added.filter((item) => !isDecided(item)).length;
}

function isDecided({ state, isGone, isUndecided }: Chosen): boolean {
  return isFinal(state) || isGone || !(isUndecided || isUnread(state));
}

/** Whether the hash of the file, which tells whether the file is known, is not there yet. */
function isUnread({ name }: UploadItem['state']): boolean {
  return name === 'waiting' || name === 'hashing';
}

type Count =
  | 'cancelled'
  | 'failed'
  | 'fresh'
  | 'found'
  | 'known'
  | 'listed'
  | 'refused'
  | 'rejected'
  | 'twin'
  | 'undecided'
  | 'unread';

/** `underWay`: the contents, by SHA-256, of files in the list that are being uploaded. */
function count(
  { total, found, elsewhere, added }: Choice,
  underWay: ReadonlySet<string>,
): Readonly<Record<Count, number>> {
  const counts: Record<Count, number> = {
    cancelled: 0,
    failed: 0,
    fresh: 0,
    found,
    known: 0,
    listed: total - found - elsewhere - added.length,
    refused: 0,
    rejected: 0,
    twin: 0,
    undecided: 0,
    unread: 0,
  };
  for (const item of added) counts[classify(item, underWay)] += 1;
  return counts;
}

function classify({ state, merged, isFound, isUndecided }: Chosen, underWay: ReadonlySet<string>): Count {
  switch (state.name) {
    case 'duplicate':
      return isTwin(state) ? 'twin' : 'known';
    case 'rejected':
      return isRefusedBefore(state) ? 'refused' : 'rejected';
    case 'failed':
    case 'cancelled':
      return state.name;
    default:
      if (merged !== null) return merged;
      if (isFound) return 'found';
      if (isUndecided) return 'undecided';
      if (isUnread(state)) return 'unread';
      return state.name === 'hashed' && underWay.has(state.content.sha256) ? 'twin' : 'fresh';
  }
}

/**
 * “542 files chosen: 477 are in the list already, 58 may have been uploaded before …, 1 cannot be taken, 6 are new.” No file is
 * called new before its hash is known. `underWay`: the contents, by SHA-256, of files in the list that are being uploaded.
 */
export function describeChoice(choice: Choice, underWay = NONE): string {
  const { total, elsewhere } = choice;
  const { listed, found, known, refused, twin, rejected, failed, cancelled, undecided, unread, fresh } =
    count(choice, underWay);
  const unfit = rejected + failed;
  const parts = [
    listed > 0 ? pluralize(listed, '# is in the list already', '# are in the list already') : '',
    elsewhere > 0
      ? pluralize(elsewhere, '# is under way in another tab', '# are under way in another tab')
      : '',
    found > 0 ? pluralize(found, '# was found again', '# were found again') : '',
    known > 0 ? pluralize(known, '# has been uploaded before', '# have been uploaded before') : '',
    refused > 0 ? pluralize(refused, '# was refused before', '# were refused before') : '',
    twin > 0
      ? pluralize(twin, '# is the same as another in the list', '# are the same as others in the list')
      : '',
    unfit > 0 ? pluralize(unfit, '# cannot be taken', '# cannot be taken') : '',
    cancelled > 0 ? pluralize(cancelled, '# was cancelled', '# were cancelled') : '',
    undecided > 0
      ? pluralize(undecided, '# may have been uploaded before …', '# may have been uploaded before …')
      : '',
    unread > 0 ? pluralize(unread, '# is being looked at …', '# are being looked at …') : '',
    fresh > 0 ? pluralize(fresh, '# is new', '# are new') : '',
  ].filter((part) => part !== '');
  const said = parts.join(', ');
  return `${pluralize(total, '# file chosen', '# files chosen')}: ${said}${said.endsWith('…') ? '' : '.'}`;
}

/**
 * What is announced of a choice once it is decided what becomes of all its files: “299 photos added to the list. 6 files were not
 * taken.”, and what the screen says where anything else can be said of some of them. `underWay` as above.
 */
export function describeAdded(choice: Choice, underWay = NONE): string {
  const { found, fresh, rejected, failed } = count(choice, underWay);
  const isPlain = found === 0 || found === choice.total;
  if (hasRepeated(choice) || !isPlain || found + fresh + rejected + failed < choice.total)
    return describeChoice(choice, underWay);
  return [
    found > 0 ? `${formatCount(found, 'photo')} found again.` : '',
    fresh > 0 ? `${formatCount(fresh, 'photo')} added to the list.` : '',
    rejected > 0 ? pluralize(rejected, '# file was not taken.', '# files were not taken.') : '',
    failed > 0 ? pluralize(failed, '# file could not be read.', '# files could not be read.') : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
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
