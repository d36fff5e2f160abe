import type { Clock } from '../../app/clock';
import { LatestLook } from '../../upload/keeping/latest-look';
import { DELETION_LOCK, listDeletions } from '../../upload/keeping/left-deletions';
import type { DeletionRecord, DeletionStore } from '../../upload/keeping/queue-store';

export interface KeptDeletionsPorts {
  /** Rejects where the browser keeps nothing. */
  openStore: () => Promise<DeletionStore>;
  locks: Pick<LockManager, 'request' | 'query'>;
  /** Where pages tell each other that what is kept has changed. */
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;
  clock: Clock;
  /** This page's name among all pages of this browser. */
  page: string;
  /** Who is signed in. Reactive. */
  getOwner: () => string | null;
}

/**
 * Keeps in this browser what this page has still to delete, and knows what pages had still to delete that have ended: it is deleted
 * only once the same person asks for it again. Each page has a lock from its first deletion to its end, so that no page tells of
 * what another one is just deleting. The fields are reactive.
 */
export class KeptDeletions {
  #found = $state.raw<readonly DeletionRecord[]>([]);
  /** The names, by id, of the pictures that were still to be deleted when their pages ended. */
  readonly left: ReadonlyMap<string, string> = $derived(
    new Map(this.records.flatMap(({ pictures }) => [...pictures])),
  );
  /** The pages whose records are forgotten: a look that began before that may still find them. */
  readonly #dismissed = new Set<string>();
  /** What is kept for this page. */
  #own: DeletionRecord | null = null;
  #hasLock: Promise<void> | null = null;
  /** Ends with the write that was asked for last. */
  #writing: Promise<void> = Promise.resolve();
  /** The pages whose end is waited for. */
  readonly #followed = new Set<string>();
  readonly #latest: LatestLook<readonly DeletionRecord[]>;

  constructor(private readonly ports: KeptDeletionsPorts) {
    this.#latest = new LatestLook(
      () => this.#find(),
      (found) => this.#show(found),
    );
    ports.channel.addEventListener('message', () => void this.look());
  }

  /** The records of `left`. No page that has ended changes its own any more. */
  get records(): readonly DeletionRecord[] {
    const owner = this.ports.getOwner();
    return this.#found.filter((record) => record.owner === owner);
  }

  /** Keeps what this page has still to delete for whoever is signed in, in the place of what was kept for it before. */
  keep(pictures: ReadonlyMap<string, string>): void {
    const { clock, page, getOwner } = this.ports;
    const owner = getOwner();
    if (pictures.size > 0 && owner !== null) {
      this.#own = { page, owner, pictures, asked: this.#own?.asked ?? clock.now() };
    } else if (this.#own !== null) {
      this.#own = null;
    } else {
      return;
    }
    void this.#put(new Map([[page, this.#own]]));
  }

  /** Looks what is left. Never rejects. */
  look(): Promise<void> {
    return this.#latest.look();
  }

  /** Forgets these of the `records`, else all. Fulfilled once they are no longer kept. Never rejects. */
  dismiss(records = this.records): Promise<void> {
    for (const { page } of records) this.#dismissed.add(page);
    this.#show(this.#found);
    return this.#put(new Map(records.map(({ page }) => [page, null])));
  }

  #show(found: readonly DeletionRecord[]): void {
    this.#found = found.filter(({ page }) => !this.#dismissed.has(page));
  }

  async #find(): Promise<readonly DeletionRecord[]> {
    const { openStore, locks, clock, page, getOwner } = this.ports;
    const owner = getOwner();
    if (owner === null) return [];
    const { left, running } = await listDeletions(owner, await openStore(), locks, clock.now());
    for (const record of running) if (record.page !== page) this.#follow(record.page);
    return left;
  }

  /** Looks again once a page has ended. */
  #follow(page: string): void {
    if (this.#followed.has(page)) return;
    this.#followed.add(page);
    const end = (): void => void this.#followed.delete(page);
    this.ports.locks
      .request(DELETION_LOCK + page, { mode: 'shared' }, () => undefined)
      .then(() => {
        end();
        void this.look();
      }, end);
  }

  /** Writes follow each other, so that no older state takes the place of a newer one. */
  #put(changes: ReadonlyMap<string, DeletionRecord | null>): Promise<void> {
    this.#writing = this.#writing
      .then(async () => {
        await this.#takeLock();
        await (await this.ports.openStore()).putDeletions(changes);
        this.ports.channel.postMessage(null);
      })
      // Where there is no space, the deletion goes on all the same as long as the page lives.
      .catch(() => undefined);
    return this.#writing;
  }

  /** Holds this page's lock until the page ends. */
  #takeLock(): Promise<void> {
    this.#hasLock ??= new Promise((resolve, reject) => {
      this.ports.locks
        .request(DELETION_LOCK + this.ports.page, () => {
          resolve();
          return new Promise(() => undefined);
        })
        .catch(reject);
    });
    return this.#hasLock;
  }
}
