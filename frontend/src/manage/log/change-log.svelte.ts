import { isAbort } from '../../api/errors';
import type { LogEntry, LogPage } from '../../api/types';

export interface ChangeLogPorts {
  load(cursor: string | null, image: string | null, signal: AbortSignal): Promise<LogPage>;
}

export type LogState = { name: 'loading' } | { name: 'idle' } | { name: 'error'; error: unknown };

export interface LogFilter {
  /** The id of a picture; empty for all. */
  image: string;
  /** A part of a name, or the id of a person. */
  person: string;
  action: LogEntry['action'] | '';
}

/** Pages that are looked through at once for entries of one person or action. */
const PAGES_AT_ONCE = 10;

/** Entries after which that ends. */
const ENTRIES_AT_ONCE = 50;

/** The change log, the newest first. The API knows entries of one picture; persons and actions are picked out here. */
export class ChangeLog {
  state = $state.raw<LogState>({ name: 'idle' });
  entries = $state.raw<readonly LogEntry[]>([]);
  cursor = $state.raw<string | null>(null);
  filter = $state.raw<LogFilter>({ image: '', person: '', action: '' });
  readonly shown = $derived(this.entries.filter((entry) => isMeant(entry, this.filter)));
  #abort = new AbortController();

  constructor(private readonly ports: ChangeLogPorts) {}

  /** Begins anew with other entries. */
  async show(filter: LogFilter): Promise<void> {
    this.filter = filter;
    [this.entries, this.cursor] = [[], null];
    await this.#load(ENTRIES_AT_ONCE, PAGES_AT_ONCE);
  }

  async loadMore(): Promise<void> {
    await this.#load(this.shown.length + ENTRIES_AT_ONCE, PAGES_AT_ONCE);
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
      for (let count = 0; count < pages && this.shown.length < entries; count++) {
        const page = await this.ports.load(this.cursor, this.filter.image || null, signal);
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

function isMeant(entry: LogEntry, { person, action }: LogFilter): boolean {
  if (action !== '' && entry.action !== action) return false;
  const wanted = person.trim().toLowerCase();
  return wanted === '' || entry.actor.toLowerCase().includes(wanted) || entry.actor_id === person.trim();
}
