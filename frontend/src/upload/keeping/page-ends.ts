/** Tells which of the other pages of this browser have ended: closed, crashed, or gone to another address. */
import type { Clock } from '../../app/clock';
import { LOCK_PREFIX, PAGE_KEY } from './page-key';

export interface PageEndsPorts {
  locks: Pick<LockManager, 'request' | 'query'>;
  clock: Clock;
  /** This page's name; null while it has none. */
  getOwnPage: () => string | null;
  /** Ms between the end of a page and what is told of it. A page that is loaded again goes on with its own list before. */
  getDelay: () => number;
}

/** This page's name, as the tab remembers it. */
export function getOwnPage(): string | null {
  return sessionStorage.getItem(PAGE_KEY);
}

export class PageEnds {
  readonly #followed = new Set<string>();
  readonly #listeners = new Set<(page: string) => void>();

  constructor(private readonly ports: PageEndsPorts) {}

  /** Calls back when a page that is followed has ended, until the returned function is called. */
  listen(listener: (page: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows a page that lives. It is once told that it has ended. */
  follow(page: string): void {
    const { locks, clock, getOwnPage, getDelay } = this.ports;
    if (page === getOwnPage() || this.#followed.has(page)) return;
    this.#followed.add(page);
    const tell = (): void => {
      this.#followed.delete(page);
      for (const listener of this.#listeners) listener(page);
    };
    // Shared, and given back at once: whoever wants to take the files over finds the lock free.
    void locks
      .request(LOCK_PREFIX + page, { mode: 'shared' }, () => undefined)
      .then(
        () => clock.after(getDelay(), tell),
        () => this.#followed.delete(page),
      );
  }

  /** Follows all pages that live now. */
  async followAll(): Promise<void> {
    const { held = [] } = await this.ports.locks.query();
    for (const { name = '' } of held)
      if (name.startsWith(LOCK_PREFIX)) this.follow(name.slice(LOCK_PREFIX.length));
  }
}
