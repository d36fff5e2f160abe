/** Deletes what is kept of files, deletions and edits that nobody has come back to in time, whoever uses the page. */
import { localClock } from '../../app/clock';
import { MAX_AGE } from './draft-keeper';
import { PENDING_KINDS, type PendingStore } from './pending-records';
import { openQueueStore, type FileRecord, type QueueStore } from './queue-store';

/** Whether nobody has come back in time to what was saved at a moment (ms). */
export function isOld(saved: number, now: number): boolean {
  return now - saved > MAX_AGE;
}

/** Deletes the old ones of the records, and returns the others. */
export async function deleteOld(
  store: QueueStore,
  records: readonly FileRecord[],
  now: number,
): Promise<FileRecord[]> {
  const old = records.filter(({ saved }) => isOld(saved, now));
  if (old.length > 0) await store.delete(old.map(({ id }) => id));
  const choices = (await store.listChoices()).filter(({ chosen }) => isOld(chosen, now));
  if (choices.length > 0) await store.putRecords([], new Map(choices.map(({ id }) => [id, null])));
  return records.filter(({ saved }) => !isOld(saved, now));
}

/** Deletes the old ones of what pages had still to do. */
export async function deleteOldPending(store: PendingStore, now: number): Promise<void> {
  for (const kind of PENDING_KINDS) {
    const old = (await store.listPending(kind)).filter(({ asked }) => isOld(asked, now));
    if (old.length > 0) await store.putPending(kind, new Map(old.map(({ page }) => [page, null])));
  }
}

/** Looks at the database, which must be there. */
export async function deleteOldRecords(): Promise<void> {
  const store = await openQueueStore();
  await deleteOld(store, await store.listRecords(), localClock.now());
  await deleteOldPending(store, localClock.now());
}
