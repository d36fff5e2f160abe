/** How many files of pages that were closed go on after a sign-in. Nobody learns whose the files are. */
import { localClock } from '../../app/clock';
import { LatestLook } from './latest-look';
import { isOld } from './old-records';
import { getOwnPage, PageEnds } from './page-ends';
import { LOCK_PREFIX } from './page-key';
import { openQueueStore, type FileRecord } from './queue-store';

export interface KeptFiles {
  readonly count: number;
  /** Those of which the browser has nothing but what they are called: they go on once somebody chooses them again. */
  readonly lost: number;
  readonly owners: ReadonlySet<string>;
}

export const NO_KEPT_FILES: KeptFiles = { count: 0, lost: 0, owners: new Set() };

/** A file that has arrived, or has ended, waits for nobody. */
const WAITING: ReadonlySet<FileRecord['state']['name']> = new Set(['waiting', 'hashed', 'queued', 'missing']);

/** Counts the files that wait. `contents`: the ids of those that can be read again, as far as is known. Files in the list of a living page, whose lock is held, wait for nobody else. */
export function countKeptFiles(
  records: readonly Pick<FileRecord, 'id' | 'owner' | 'page' | 'state' | 'saved'>[],
  contents: ReadonlySet<string>,
  locks: ReadonlySet<string>,
  now: number,
): KeptFiles {
  const waiting = records.filter(
    ({ owner, page, state, saved }) =>
      owner !== null && WAITING.has(state.name) && !locks.has(LOCK_PREFIX + page) && !isOld(saved, now),
  );
  return {
    count: waiting.length,
    lost: waiting.filter(({ id }) => !contents.has(id)).length,
    owners: new Set(waiting.flatMap(({ owner }) => owner ?? [])),
  };
}

/** Looks at the database, which must be there. */
async function findKeptFiles(): Promise<KeptFiles> {
  const { held = [] } = await navigator.locks.query();
  const locks = new Set(held.flatMap(({ name }) => name ?? []));
  const store = await openQueueStore();
  const [records, contents] = await Promise.all([store.listRecords(), store.listContents()]);
  return countKeptFiles(records, contents, locks, localClock.now());
}

/** Ms after the end of a page in which another one may go on with its files. */
const DELAY = 5000;

/** Looks how many files wait when it is asked to, and whenever a page has ended that lived at the last look. */
export class KeptFilesLook {
  readonly #latest: LatestLook<KeptFiles>;
  readonly #ends = new PageEnds({
    locks: navigator.locks,
    clock: localClock,
    getOwnPage,
    getDelay: () => DELAY,
  });

  constructor(
    onfound: (found: KeptFiles) => void,
    private readonly isWanted: () => boolean,
  ) {
    this.#latest = new LatestLook(findKeptFiles, onfound);
    this.#ends.listen(() => this.look());
  }

  look(): void {
    if (!this.isWanted()) return;
    void this.#latest.look();
    void this.#ends.followAll().catch(() => undefined);
  }
}
