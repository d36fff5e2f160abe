import { serverClock } from '../../app/clock';
import { getUsableTicket } from './usable-ticket';
import type { UploadItem } from './item.svelte';
import { getGroup, MISSED, NO_FILES, type Group, type GroupCounts } from './groups';
import { getRemoval, type Removal, type RemovalCounts } from './removal';
import { canRetry, getDoneBytes, isFinal, isRefusedBefore, isUnsent } from './state';

/**
 * Sums over all files. `total`, `done`, bytes and shares are those of the files that belong together: without those that were
 * finished, with all others in the list, before the last ones were chosen, without those that are not started, and in `total`
 * without those that were not taken, which never arrive. A photo that is in the list more than once counts as one of them.
 */
export interface Progress {
  /** All files in the list. */
  counts: GroupCounts;
  /** The files that belong together. */
  batch: GroupCounts;
  /**
   * Those of them that were uploaded, or were not taken when others of their choice were uploaded. As in the list, each row counts,
   * also of a photo that is in the list more than once.
   */
  upload: GroupCounts;
  total: number;
  /** Files that are in the library. */
  done: number;
  /** Files that wait for "Upload". */
  staged: number;
  /** Those of them that the page has looked at, and that may be uploaded: nothing says that they have arrived before. */
  inspected: number;
  /** Files that wait for “Upload”, have a caption, and nothing else that somebody has written about them alone. */
  captioned: number;
  /** Files that wait for “Upload”, and have not been read so far as to know whether they have a caption. */
  unread: number;
  /** Files that are started and not finished, without those that are being cancelled. */
  active: number;
  /** Those of them that storage does not have yet. */
  unsent: number;
  /** Those of them that storage takes without another request to the library. */
  ticketed: number;
  /** Whether any of the files was started. */
  isBegun: boolean;
  /** Failed files that may succeed next time. */
  retryable: number;
  /** Cancelled files that the page can still read. */
  restartable: number;
  /** Those that it cannot, and that nobody has chosen again. */
  lost: number;
  /** Files that can be taken out of the list together. */
  removable: RemovalCounts;
  /** Bytes of the files that are under way or were sent: a duplicate is not sent, so that its bytes say nothing of the line. */
  bytes: number;
  /** Those of them that storage has. */
  sentBytes: number;
  /** How much of the files that are under way has been sent, from 0 to 1. */
  activeShare: number;
}

export type Countable = Pick<
  UploadItem,
  | 'state'
  | 'file'
  | 'size'
  | 'isStarted'
  | 'isPast'
  | 'isLeft'
  | 'isUndecided'
  | 'isUnanswered'
  | 'embedded'
  | 'metadata'
  | 'isReading'
> & { readonly newer: Successor | null };

/** What is needed of a file that was chosen again. */
interface Successor extends Pick<UploadItem, 'state' | 'isStarted' | 'isGone'> {
  readonly newer: Successor | null;
}

/** `now`: server time (ms). */
export function sumProgress(items: readonly Countable[], now = serverClock.now()): Progress {
  const isRepeat = findRepeats(items);
  const counts: Record<Group, number> = { ...NO_FILES };
  const batch: Record<Group, number> = { ...NO_FILES };
  const upload: Record<Group, number> = { ...NO_FILES };
  const removable: Record<Removal, number> = { finished: 0, rejected: 0, failed: 0, cancelled: 0 };
  let [bytes, sentBytes, finishedBytes, retryable, inspected, captioned, unread] = [0, 0, 0, 0, 0, 0, 0];
  let [unsent, ticketed, restartable, lost] = [0, 0, 0, 0];
  let isBegun = false;
  for (const item of items) {
    const { state, size } = item;
    const group = getGroup(item);
    counts[group] += 1;
    const isRepeated = isRepeat(item);
    if (!item.isPast && !isRepeated) batch[group] += 1;
    if (!item.isPast && (item.isStarted || item.isLeft)) upload[group] += 1;
    isBegun ||= item.isStarted || group === 'missing';
    if (group === 'active' && isUnsent(state)) unsent += 1;
    if (group === 'active' && hasTicket(state, now)) ticketed += 1;
    const removal = getRemoval(state);
    if (removal !== null) removable[removal] += 1;
    if (group === 'failed' && canRetry(state)) retryable += 1;
    if (group === 'cancelled' && item.file !== null) restartable += 1;
    else if (group === 'cancelled' && findNewer(item) === null) lost += 1;
    if (group === 'staged' && isInspected(state) && (!item.isUndecided || item.isUnanswered)) inspected += 1;
    if (group === 'staged' && item.embedded?.caption && !item.metadata.description) captioned += 1;
    if (group === 'staged' && (item.isReading || state.name !== 'hashed')) unread += 1;
    if (item.isPast || isRepeated || (group !== 'active' && group !== 'ready')) continue;
    bytes += size;
    sentBytes += countSentBytes(state, size);
    if (group !== 'active') finishedBytes += size;
  }
  const { staged, active } = counts;
  const done = batch.ready + batch.duplicate;
  return {
    counts,
    batch,
    upload,
    total: done + batch.active + MISSED.reduce((sum, group) => sum + batch[group], 0) - batch.rejected,
    done,
    staged,
    inspected,
    captioned,
    unread,
    active,
    unsent,
    ticketed,
    isBegun,
    retryable,
    restartable,
    lost,
    removable,
    bytes,
    sentBytes,
    activeShare: bytes > finishedBytes ? (sentBytes - finishedBytes) / (bytes - finishedBytes) : 0,
  };
}

/**
 * Tells which files in the list are photos that another file in it counts for: its content is that of a file which is under way,
 * has arrived or was refused; or somebody has chosen it again since, and its newer entry is under way.
 */
function findRepeats(items: readonly Countable[]): (item: Countable) => boolean {
  let counted: Set<string> | null = null;
  const isKnown = (state: UploadItem['state']): boolean => {
    if (state.name !== 'duplicate' && !isRefusedBefore(state)) return false;
    if (!('content' in state) || !state.content) return false;
    counted ??= new Set(items.flatMap(findCountedContent));
    return counted.has(state.content.sha256);
  };
  return (item) => {
    const { state } = item;
    if (isKnown(state)) return true;
    const newer = findNewer(item);
    return newer !== null && getGroup(newer) !== 'staged' && isFinal(state) && !isKnown(newer.state);
  };
}

/** The next entry in the list of a file that somebody has chosen again. */
function findNewer({ newer }: Countable): Successor | null {
  while (newer?.isGone) newer = newer.newer;
  return newer;
}

/** The content of a file that counts for others of the same content. */
function findCountedContent(item: Countable): string[] {
  const { state } = item;
  if (state.name === 'duplicate' || state.name === 'rejected' || getGroup(item) === 'staged') return [];
  return 'content' in state && state.content ? [state.content.sha256] : [];
}

/** How many files have to be chosen again before they go on, once the page is closed: the browser has no way to them. */
export function countUnkept(items: Iterable<Pick<UploadItem, 'state' | 'isKept'>>): number {
  return [...items].filter(
    ({ state, isKept }) =>
      !isKept &&
      (isUnsent(state) || state.name === 'missing' || (state.name === 'failed' && canRetry(state))),
  ).length;
}

function hasTicket(state: UploadItem['state'], now: number): boolean {
  if (state.name === 'queued') return getUsableTicket(state, now) !== null;
  return state.name === 'uploading';
}

/** Only a file that has passed the inspection is hashed. */
function isInspected(state: UploadItem['state']): boolean {
  return state.name === 'hashed' || getDoneBytes(state) > 0;
}

function countSentBytes(state: UploadItem['state'], size: number): number {
  if (state.name === 'uploading') return Math.min(size, getDoneBytes(state));
  return state.name === 'processing' || isFinal(state) ? size : 0;
}

/** Ms that are measured before a rate is told: over less, it jumps. */
const SHORTEST = 1000;

/** Bytes a second over the last few seconds in which something was sent. */
export class RateMeter {
  #samples: { time: number; bytes: number }[] = [];

  constructor(private readonly windowMs = 5000) {}

  /** Adds the bytes sent so far at a time (ms). Returns the rate, which is 0 until it is known. */
  add(bytes: number, time: number): number {
    const last = this.#samples.at(-1);
    // Nothing has come for longer than the window: that was a break, such as a line that was away or a computer that slept.
    if (last !== undefined && (bytes < last.bytes || time - last.time > this.windowMs)) this.restart();
    this.#samples.push({ time, bytes });
    while (this.#samples.length > 2 && time - (this.#samples[1]?.time ?? time) >= this.windowMs) {
      this.#samples.shift();
    }
    const first = this.#samples[0];
    if (first === undefined || time - first.time < SHORTEST) return 0;
    return ((bytes - first.bytes) * 1000) / (time - first.time);
  }

  /** Forgets what was measured: nothing is sent for a while. */
  restart(): void {
    this.#samples = [];
  }
}
