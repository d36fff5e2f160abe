/**
 * Which files other tabs of this browser are uploading. Sent a second time, each would take the description, the tags and the
 * licence of the second time, as the library takes the newest ones.
 */
import { identify } from '../file/identity';
import { hasDatabase } from './database';
import { LOCK_PREFIX, PAGE_KEY } from './page-key';
import { openQueueStore, type FileRecord } from './queue-store';

type Kept = Pick<
  FileRecord,
  'owner' | 'page' | 'shared' | 'state' | 'path' | 'name' | 'size' | 'lastModified'
>;

/** A file that has arrived, has ended, or is to be found again by somebody, is not under way. */
const UNDER_WAY: ReadonlySet<FileRecord['state']['name']> = new Set([
  'waiting',
  'hashed',
  'queued',
  'processing',
]);

/** The identities of the files that this person has started in the list of `pages`. */
export function listUnderWay(
  records: readonly Kept[],
  owner: string,
  pages: ReadonlySet<string>,
): ReadonlySet<string> {
  const underWay = records.filter(
    (record) =>
      record.owner === owner &&
      record.shared !== null &&
      UNDER_WAY.has(record.state.name) &&
      pages.has(record.page),
  );
  return new Set(underWay.map(identify));
}

/** What living pages other than this one have under way. A browser that keeps nothing has nothing to tell. */
export async function findUnderWayElsewhere(owner: string): Promise<ReadonlySet<string>> {
  try {
    const { held = [] } = await navigator.locks.query();
    const own = LOCK_PREFIX + sessionStorage.getItem(PAGE_KEY);
    const locks = held.flatMap(({ name = '' }) =>
      name.startsWith(LOCK_PREFIX) && name !== own ? [name] : [],
    );
    if (locks.length === 0 || !(await hasDatabase())) return new Set();
    const pages = new Set(locks.map((name) => name.slice(LOCK_PREFIX.length)));
    const store = await openQueueStore();
    return listUnderWay(await store.listRecords(), owner, pages);
  } catch {
    return new Set();
  }
}
