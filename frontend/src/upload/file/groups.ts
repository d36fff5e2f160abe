/** What a contributor asks about a file in the list: has it worked, does it wait, does it need help? */
import { locale, t } from '../../app/texts';
import type { UploadItem } from './item.svelte';
import { isBeingCancelled, isFinal } from './state';

/** In the order in which people read them. */
export const GROUPS = [
  'staged',
  'active',
  'cancelling',
  'ready',
  'duplicate',
  'failed',
  'rejected',
  'missing',
  'cancelled',
] as const;

export type Group = (typeof GROUPS)[number];

/** The groups of files that have been started without success, or that somebody does not want any more. */
export const MISSED = ['cancelling', 'failed', 'rejected', 'missing', 'cancelled'] as const;

/** The groups of files that go on only if somebody does something. */
export const NEEDS_HELP: ReadonlySet<Group> = new Set(['failed', 'rejected', 'missing']);

const LABELS: Readonly<Record<Group, string>> = {
  staged: t`to upload`,
  active: t`under way`,
  cancelling: t`being cancelled`,
  ready: t`ready`,
  duplicate: t`already there`,
  failed: t`failed`,
  rejected: t`not taken`,
  missing: t`to choose again`,
  cancelled: t`cancelled`,
};

export type GroupCounts = Readonly<Record<Group, number>>;

type Groupable = Pick<UploadItem, 'state' | 'isStarted'>;
type Arrangeable = Groupable & Pick<UploadItem, 'isPast' | 'isLeft'>;

export function getGroup({ state, isStarted }: Groupable): Group {
  if (isFinal(state) || state.name === 'missing') return state.name;
  if (isBeingCancelled(state)) return 'cancelling';
  return isStarted ? 'active' : 'staged';
}

/** Files that somebody has uploaded, and that are not in the library. */
export function findFailed<Item extends Groupable>(items: readonly Item[]): Item[] {
  return items.filter(
    (item) => item.state.name === 'failed' || (item.state.name === 'rejected' && item.isStarted),
  );
}

/** “113 ready”. */
export function formatGroup(group: Group, count: number): string {
  return `${count.toLocaleString(locale)} ${LABELS[group]}`;
}

/** “3 failed · 2 cancelled”; empty when no file was missed. */
export function formatMissed(counts: GroupCounts): string {
  return MISSED.filter((group) => counts[group] > 0)
    .map((group) => formatGroup(group, counts[group]))
    .join(' · ');
}

/** Of all files in the list: “291 of 302 in the library · 4 already there · 1 failed · 6 not taken”. */
export function formatTotals(counts: GroupCounts): string {
  const all = GROUPS.reduce((sum, group) => sum + counts[group], 0).toLocaleString(locale);
  const others = counts.duplicate > 0 ? formatGroup('duplicate', counts.duplicate) : '';
  return [t`${counts.ready.toLocaleString(locale)} of ${all} in the library`, others, formatMissed(counts)]
    .filter(Boolean)
    .join(' · ');
}

export const NO_FILES: GroupCounts = {
  staged: 0,
  active: 0,
  cancelling: 0,
  ready: 0,
  duplicate: 0,
  failed: 0,
  rejected: 0,
  missing: 0,
  cancelled: 0,
};

/** The files of each group, and all of them in the order in which somebody looks at them. */
export interface Arrangement<Item> {
  readonly all: readonly Item[];
  readonly groups: ReadonlyMap<Group, readonly Item[]>;
}

/**
 * Files that need help are on top, those that have failed first. Where others wait for “Upload”, these come before what has
 * failed earlier, and only files of the same choice that could not be read or were not taken come before them.
 */
export function arrange<Item extends Arrangeable>(items: readonly Item[]): Arrangement<Item> {
  const groups = new Map<Group, Item[]>();
  const unread: Item[] = [];
  const notTaken: Item[] = [];
  const staged: Item[] = [];
  const failed: Item[] = [];
  const missed: Item[] = [];
  const rest: Item[] = [];
  for (const item of items) {
    const group = getGroup(item);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [item]);
    else members.push(item);
    const isEarlier = item.isStarted || item.isPast || item.isLeft;
    if (group === 'failed') (isEarlier ? failed : unread).push(item);
    else if (NEEDS_HELP.has(group)) (isEarlier ? missed : notTaken).push(item);
    else (group === 'staged' ? staged : rest).push(item);
  }
  const earlier = [...failed, ...missed];
  const first =
    staged.length > 0
      ? [...unread, ...notTaken, ...staged, ...earlier]
      : [...unread, ...earlier, ...notTaken];
  return { all: [...first, ...rest], groups };
}
