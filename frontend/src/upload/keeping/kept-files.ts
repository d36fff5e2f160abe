/** How many files of pages that were closed go on after a sign-in. Nobody learns whose the files are. */
import { localClock } from '../../app/clock';
import { deleteOld } from './old-records';
import { LOCK_PREFIX } from './page-key';
import { openQueueStore, type FileRecord } from './queue-store';

/** A file that has arrived, or has ended, waits for nobody. */
const WAITING: ReadonlySet<FileRecord['state']['name']> = new Set(['waiting', 'hashed', 'queued', 'missing']);

/** Files in the list of a page that lives wait for nobody else. */
export async function countKeptFiles(): Promise<number> {
  const { held = [] } = await navigator.locks.query();
  const living = new Set(held.map(({ name }) => name));
  const store = await openQueueStore();
  const records = await deleteOld(store, await store.listRecords(), localClock.now());
  return records.filter(
    ({ owner, page, state }) => owner !== null && WAITING.has(state.name) && !living.has(LOCK_PREFIX + page),
  ).length;
}
