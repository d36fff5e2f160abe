import type { Clock } from '../../app/clock';
import { LatestLook } from '../../upload/keeping/latest-look';
import { findPending } from '../../upload/keeping/find-pending';
import {
  getLockName,
  type PendingContent,
  type PendingKind,
  type PendingRecord,
  type PendingStore,
} from '../../upload/keeping/pending-records';

export interface PendingWorkPorts {
  /** Rejects where the browser keeps nothing. */
  openStore: () => Promise<PendingStore>;
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
 * Keeps in this browser what this page has still to do, and knows what pages had still to do that have ended: it is done only once
 * the same person asks for it again. Each page has a lock from its first record to its end, so that no page tells of what another
 * one is just doing. The fields are reactive.
 */
export class PendingWork {
  #found = $state.raw<readonly PendingRecord[]>([]);
  /** The pages whose records are forgotten: a look that began before that may still find them. */
  readonly #dismissed = new Set<string>();
  /** What is kept for this page. */
  #own: PendingRecord | null = null;
  /** Whether `#own` is not written yet. */
  #isUnwritten = false;
  /** The pages whose records are still to be deleted. */
  #forgotten: readonly string[] = [];
  /** Whether the other pages know of a record of this page. */
  #isTold = false;
  #hasLock: Promise<void> | null = null;
  /** Ends with the write that was asked for last. */
  #writing: Promise<void> = Promise.resolve();
  /** The pages whose end is waited for. */
  readonly #followed = new Set<string>();
  readonly #latest: LatestLook<readonly PendingRecord[]>;

  constructor(
    private readonly kind: PendingKind,
    private readonly ports: PendingWorkPorts,
  ) {
    this.#latest = new LatestLook(
      () => this.#find(),
      (found) => this.#show(found),
    );
    ports.channel.addEventListener('message', () => void this.look());
  }

  /** What pages had still to do that have ended. They do not change it any more. */
  get left(): readonly PendingRecord[] {
    const owner = this.ports.getOwner();
    return this.#found.filter((record) => record.owner === owner);
  }

  /** Keeps what this page has still to do for whoever is signed in, in the place of what was kept for it before; null for nothing. */
  keep(content: PendingContent | null): void {
    const { clock, page, getOwner } = this.ports;
    const owner = getOwner();
    if (content !== null && owner !== null) {
      this.#own = { ...content, page, owner, asked: this.#own?.asked ?? clock.now() };
    } else if (this.#own !== null) {
      this.#own = null;
    } else {
      return;
    }
    this.#isUnwritten = true;
    void this.#write();
  }

  /** Looks what is left. Never rejects. */
  look(): Promise<void> {
    return this.#latest.look();
  }

  /** Forgets these of the records that are left, else all. Fulfilled once they are no longer kept. Never rejects. */
  dismiss(records = this.left): Promise<void> {
    const pages = records.map(({ page }) => page);
    for (const page of pages) this.#dismissed.add(page);
    this.#forgotten = [...this.#forgotten, ...pages];
    this.#show(this.#found);
    return this.#write();
  }

  #show(found: readonly PendingRecord[]): void {
    this.#found = found.filter(({ page }) => !this.#dismissed.has(page));
  }

  async #find(): Promise<readonly PendingRecord[]> {
    const { openStore, locks, clock, page, getOwner } = this.ports;
    const owner = getOwner();
    if (owner === null) return [];
    const { left, running } = await findPending(this.kind, owner, await openStore(), locks, clock.now());
    for (const record of running) if (record.page !== page) this.#follow(record.page);
    return left;
  }

  /** Looks again once a page has ended. */
  #follow(page: string): void {
    if (this.#followed.has(page)) return;
    this.#followed.add(page);
    const end = (): void => void this.#followed.delete(page);
    this.ports.locks
      .request(getLockName(this.kind, page), { mode: 'shared' }, () => undefined)
      .then(() => {
        end();
        void this.look();
      }, end);
  }

  /** Writes follow each other, so that no older state takes the place of a newer one. */
  #write(): Promise<void> {
    // Where there is no space, the work goes on all the same as long as the page lives.
    this.#writing = this.#writing.then(() => this.#writeNow()).catch(() => undefined);
    return this.#writing;
  }

  /**
   * Writes what has changed by now at once: what this page has taken over is forgotten only together with what is kept of it for
   * this page. What could not be written is written with what comes next.
   */
  async #writeNow(): Promise<void> {
    const own = this.#own;
    const forgotten = this.#forgotten;
    const isUnwritten = this.#isUnwritten;
    const changes = new Map<string, PendingRecord | null>(forgotten.map((page) => [page, null]));
    if (isUnwritten) changes.set(this.ports.page, own);
    if (changes.size === 0) return;
    this.#isUnwritten = false;
    this.#forgotten = [];
    try {
      await this.#put(changes);
    } catch (error) {
      this.#isUnwritten ||= isUnwritten;
      this.#forgotten = [...forgotten, ...this.#forgotten];
      throw error;
    }
    const isTold = own !== null;
    if (isTold !== this.#isTold || forgotten.length > 0) this.ports.channel.postMessage(null);
    this.#isTold = isTold;
  }

  async #put(changes: ReadonlyMap<string, PendingRecord | null>): Promise<void> {
    await this.#takeLock();
    await (await this.ports.openStore()).putPending(this.kind, changes);
  }

  /** Holds this page's lock until the page ends. */
  #takeLock(): Promise<void> {
    this.#hasLock ??= new Promise((resolve, reject) => {
      this.ports.locks
        .request(getLockName(this.kind, this.ports.page), () => {
          resolve();
          return new Promise(() => undefined);
        })
        .catch(reject);
    });
    return this.#hasLock;
  }
}
