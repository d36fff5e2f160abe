/** What pages had still to delete that have ended: closed, crashed, or loaded again. */
import { isOld } from './old-records';
import { openQueueStore, type DeletionRecord, type DeletionStore } from './queue-store';

/** What the lock that each page with a deletion holds until it ends is called, before the page's name. */
export const DELETION_LOCK = 'stockroom.deletions.';

/** On this channel, pages tell each other that the records have changed. */
export const DELETION_CHANNEL = 'stockroom.deletions';

/** The deletions of one person that are kept. */
interface Kept {
  /** Those of pages that have ended. */
  readonly left: readonly DeletionRecord[];
  /** Those of pages that live, and carry them out by themselves. */
  readonly running: readonly DeletionRecord[];
}

export async function listDeletions(
  owner: string,
  store: DeletionStore,
  locks: Pick<LockManager, 'query'>,
  now: number,
): Promise<Kept> {
  const records = (await store.listDeletions()).filter(
    (record) => record.owner === owner && !isOld(record.asked, now),
  );
  if (records.length === 0) return { left: [], running: [] };
  // Asked for after the records: a page has its lock before its record.
  const { held = [] } = await locks.query();
  const names = new Set(held.map(({ name }) => name));
  const isRunning = ({ page }: DeletionRecord): boolean => names.has(DELETION_LOCK + page);
  return { left: records.filter((record) => !isRunning(record)), running: records.filter(isRunning) };
}

/** Forgets, for whoever signs out, what pages had still to delete that have ended. A page that lives looks after its own. */
export async function forgetLeftDeletions(
  owner: string,
  openStore: () => Promise<DeletionStore> = openQueueStore,
): Promise<void> {
  const store = await openStore();
  // At no moment is a record old: all of them go.
  const { left } = await listDeletions(owner, store, navigator.locks, -Infinity);
  if (left.length === 0) return;
  await store.putDeletions(new Map(left.map(({ page }) => [page, null])));
  const channel = new BroadcastChannel(DELETION_CHANNEL);
  channel.postMessage(null);
  channel.close();
}
