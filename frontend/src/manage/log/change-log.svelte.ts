import { isAbort } from '../../api/errors';
import type { LogEntry, LogPage } from '../../api/types';
import type { LogFilter } from './address';

export interface ChangeLogPorts {
  load(cursor: string | null, filter: LogFilter, signal: AbortSignal): Promise<LogPage>;
}

export type LogState = { name: 'loading' } | { name: 'idle' } | { name: 'error'; error: unknown };

/** Pages that are loaded at once: those of one picture and person may have no entry. */
const PAGES_AT_ONCE = 10;

/** Entries after which that ends. */
const ENTRIES_AT_ONCE = 50;

/** The change log, the newest first. */
export class ChangeLog {
  state = $state.raw<LogState>({ name: 'idle' });
  entries = $state.raw<readonly LogEntry[]>([]);
  cursor = $state.raw<string | null>(null);
  filter = $state.raw<LogFilter>({ image: '', by: '', action: '' });
  #abort = new AbortController();

  constructor(private readonly ports: ChangeLogPorts) {}

  /** Begins anew with other entries. */
  async show(filter: LogFilter): Promise<void> {
    this.filter = filter;
    [this.entries, this.cursor] = [[], null];
    await this.#load(ENTRIES_AT_ONCE, PAGES_AT_ONCE);
  }

  async loadMore(): Promise<void> {
    await this.#load(this.entries.length + ENTRIES_AT_ONCE, PAGES_AT_ONCE);
  }

  /** Loads the whole log, as for an export; returns whether it is there. */
  async loadAll(): Promise<boolean> {
    if (this.cursor !== null) await this.#load(Infinity, Infinity);
    return this.state.name === 'idle' && this.cursor === null;
  }

  stop(): void {
    this.#abort.abort();
    if (this.state.name === 'loading') this.state = { name: 'idle' };
  }

  async #load(entries: number, pages: number): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    this.state = { name: 'loading' };
    try {
      for (let count = 0; count < pages && this.entries.length < entries; count++) {
        const page = await this.ports.load(this.cursor, this.filter, signal);
        if (signal.aborted) return;
        this.entries = [...this.entries, ...page.entries];
        this.cursor = page.next;
        if (page.next === null) break;
      }
      this.state = { name: 'idle' };
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.state = { name: 'error', error };
    }
  }
}
