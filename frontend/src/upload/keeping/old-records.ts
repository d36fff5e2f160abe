/** Deletes what is kept of files that nobody has come back to in time, whoever uses the page. */
import { localClock } from '../../app/clock';
import { MAX_AGE } from './draft-keeper';
import { openQueueStore, type FileRecord, type QueueStore } from './queue-store';

/** Deletes the old ones of the records, and returns the others. */
export async function deleteOld(
  store: QueueStore,
  records: readonly FileRecord[],
  now: number,
): Promise<FileRecord[]> {
  const isOld = ({ saved }: FileRecord): boolean => now - saved > MAX_AGE;
  const old = records.filter(isOld);
  if (old.length > 0) await store.delete(old.map(({ id }) => id));
  return records.filter((record) => !isOld(record));
}

/** Looks at the database, which must be there. */
export async function deleteOldRecords(): Promise<void> {
  const store = await openQueueStore();
  await deleteOld(store, await store.listRecords(), localClock.now());
}
