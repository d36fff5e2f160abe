/** Whether pages that were closed have left files which go on after a sign-in. Nobody learns whose the files are. */
import { LOCK_PREFIX } from './page-key';
import { openQueueStore } from './queue-store';

const DONE: ReadonlySet<string> = new Set(['ready', 'duplicate', 'rejected', 'cancelled']);

/** Files in the list of a page that lives wait for nobody else. */
export async function hasKeptFiles(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  const living = new Set(held.map(({ name }) => name));
  const store = await openQueueStore();
  return (await store.listRecords()).some(
    ({ owner, page, state }) => owner !== null && !DONE.has(state.name) && !living.has(LOCK_PREFIX + page),
  );
}
