/** What pages had still to do with pictures that have ended: closed, crashed, or loaded again. */
import { isOld } from './old-records';
import {
  getChannelName,
  getLockName,
  PENDING_KINDS,
  type PendingKind,
  type PendingRecord,
  type PendingStore,
} from './pending-records';
import { openQueueStore } from './queue-store';

/** The records of one person, in the order in which they were asked for. */
interface Found {
  /** Those of pages that have ended. */
  readonly left: readonly PendingRecord[];
  /** Those of pages that live, and do it by themselves. */
  readonly running: readonly PendingRecord[];
}

export async function findPending(
  kind: PendingKind,
  owner: string,
  store: PendingStore,
  locks: Pick<LockManager, 'query'>,
  now: number,
): Promise<Found> {
  const records = (await store.listPending(kind))
    .filter((record) => record.owner === owner && !isOld(record.asked, now))
    .sort((one, other) => one.asked - other.asked);
  if (records.length === 0) return { left: [], running: [] };
  // Asked for after the records: a page has its lock before its record.
  const { held = [] } = await locks.query();
  const names = new Set(held.map(({ name }) => name));
  const isRunning = ({ page }: PendingRecord): boolean => names.has(getLockName(kind, page));
  return { left: records.filter((record) => !isRunning(record)), running: records.filter(isRunning) };
}

/** Forgets, for whoever signs out, what pages had still to do that have ended. A page that lives looks after its own. */
export async function forgetPending(
  owner: string,
  openStore: () => Promise<PendingStore> = openQueueStore,
): Promise<void> {
  const store = await openStore();
  for (const kind of PENDING_KINDS) {
    // At no moment is a record old: all of them go.
    const { left } = await findPending(kind, owner, store, navigator.locks, -Infinity);
    if (left.length === 0) continue;
    await store.putPending(kind, new Map(left.map(({ page }) => [page, null])));
    const channel = new BroadcastChannel(getChannelName(kind));
    channel.postMessage(null);
    channel.close();
  }
}
