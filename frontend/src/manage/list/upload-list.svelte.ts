import { isAbort } from '../../api/errors';
import type { Image, Upload, UploadPage } from '../../api/types';
import type { Clock } from '../../app/clock';
import type { PictureChanges } from '../../pictures/picture-changes.svelte';
import { isHidden } from './visibility';

export type ListState =
  | { name: 'loading' }
  | { name: 'idle' }
  /** All pages are being loaded, because somebody wants to select all of them. */
  | { name: 'loading-all' }
  /** `isOfRefresh`: what is listed is older than was asked for; else further uploads are missing. */
  | { name: 'error'; error: unknown; isOfRefresh: boolean };

export interface UploadListPorts {
  load(cursor: string | null, signal: AbortSignal, limit?: number): Promise<UploadPage>;
  /** A page of the deleted pictures that can be restored. */
  loadDeleted(cursor: string | null, signal: AbortSignal): Promise<UploadPage>;
  listById(ids: string[]): Promise<Upload[]>;
  changes: PictureChanges;
  clock: Clock;
  /** What is listed now, as one text: whose uploads, the filter, the name and the order. */
  getQuery(): string;
}

/** The uploads of which an answer has told how they are. */
interface Answer {
  readonly ids: readonly string[];
  /** `PictureChanges.count` when the request began. */
  readonly changeCount: number;
}

/** Uploads in one request when all are loaded: the most that the API gives. */
const LARGE_PAGE = 100;

/** Uploads whose states are asked for at once. */
const MAX_WATCHED = 100;

/** A contributor's uploads, page after page, read through what this tab has changed of them. The fields are reactive. */
export class UploadList {
  state = $state.raw<ListState>({ name: 'loading' });
  cursor = $state.raw<string | null>(null);
  /** How many uploads are in each state, as far as an answer has said. */
  counts = $state.raw<UploadPage['counts']>(undefined);
  #loaded = $state.raw<readonly Upload[]>([]);
  /** What `#loaded` is an answer to. */
  #query = '';
  /** Asks again what was asked last. */
  #askAgain = (): Promise<void> => this.refresh();
  /** Deleted pictures, whichever pages are loaded. */
  #deleted = $state.raw<readonly Upload[]>([]);
  #abort: AbortController | null = null;
  #countsAbort = new AbortController();
  #deletedAbort = new AbortController();
  #deletedCursor = $state.raw<string | null>(null);
  /** All uploads but the deleted ones. */
  readonly rows = $derived.by(() => this.#read().filter(({ state }) => state !== 'deleted'));
  /** Those that can still be restored, as far as they are known. */
  readonly deleted = $derived.by(() => {
    const read = this.#read();
    const ids = new Set(read.map(({ id }) => id));
    const { changes } = this.ports;
    const others = this.#deleted.filter(
      ({ id }) => !ids.has(id) && changes.find(id) === null && changes.getRestorableUntil(id) !== 0,
    );
    return [...read.filter(({ state }) => state === 'deleted'), ...others];
  });

  constructor(private readonly ports: UploadListPorts) {}

  /** Loads the first page anew, and as many further ones as so many uploads need. */
  async refresh(atLeast = 0): Promise<void> {
    this.#askAgain = () => this.refresh(atLeast);
    await this.#load({ name: 'loading' }, null, false, atLeast);
  }

  async loadMore(): Promise<void> {
    this.#askAgain = () => this.loadMore();
    await this.#load({ name: 'loading' }, this.cursor, false);
  }

  /** Loads all further pages. `stop` ends that; what has been loaded stays. */
  async loadAll(): Promise<void> {
    this.#askAgain = () => this.loadAll();
    if (this.cursor !== null) await this.#load({ name: 'loading-all' }, this.cursor, true);
  }

  /** Tries again what has failed: the refresh, or the further pages. */
  async retry(): Promise<void> {
    await this.#askAgain();
  }

  /** Whether `deleted` has all deleted pictures that can be restored. */
  get areAllDeletedKnown(): boolean {
    return this.#deletedCursor === null;
  }

  /**
   * Loads the first of the deleted pictures that can be restored, wherever they stand in the list: a page of them, and those
   * before it whose time is over. Without an answer they stay as they are.
   */
  async loadDeleted(): Promise<void> {
    this.#deletedAbort.abort();
    const { signal } = (this.#deletedAbort = new AbortController());
    try {
      const now = this.ports.clock.now();
      const found: Upload[] = [];
      let page: UploadPage | null = null;
      do {
        page = await this.ports.loadDeleted(page?.next ?? null, signal);
        if (signal.aborted) return;
        found.push(
          ...page.uploads.filter(({ restorable_until }) => !(Date.parse(restorable_until ?? '') <= now)),
        );
      } while (found.length === 0 && page.next !== null);
      this.#deleted = found;
      this.#deletedCursor = page.next;
    } catch {
      // The next refresh asks again.
    }
  }

  /** Loads the further pages of the deleted pictures. Rejects where the library does not answer; what is loaded stays. */
  async loadAllDeleted(): Promise<void> {
    if (this.areAllDeletedKnown) return;
    this.#deletedAbort.abort();
    const { signal } = (this.#deletedAbort = new AbortController());
    try {
      while (this.#deletedCursor !== null) {
        const page = await this.ports.loadDeleted(this.#deletedCursor, signal);
        if (signal.aborted) return;
        this.#deleted = [...this.#deleted, ...page.uploads];
        this.#deletedCursor = page.next;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Asks anew how many uploads are in each state. Without an answer the numbers stay as they are. */
  async refreshCounts(): Promise<void> {
    this.#countsAbort.abort();
    const { signal } = (this.#countsAbort = new AbortController());
    try {
      const { counts } = await this.ports.load(null, signal, 1);
      if (!signal.aborted) this.counts = counts;
    } catch {
      // The next change of a picture asks again.
    }
  }

  /**
   * Shows pictures that were brought back: what this tab knows of a picture changes only a row that is loaded, so that the rows
   * are loaded anew if one of them has none. Otherwise only the numbers change.
   */
  async showRestored(ids: readonly string[]): Promise<void> {
    const loaded = new Set(this.#loaded.map(({ id }) => id));
    await (ids.every((id) => loaded.has(id)) ? this.refreshCounts() : this.refresh(loaded.size));
  }

  /** The loaded uploads whose states may become others without anybody's doing, the newest first. */
  listUnsettled(): string[] {
    const now = this.ports.clock.now();
    const unsettled = this.rows.filter(({ state, image }) => {
      if (state === 'pending') return true;
      // The library shows and hides pictures some time after their dates.
      if (image === undefined) return false;
      return state === (isHidden(image, now) ? 'ready' : 'hidden');
    });
    return unsettled.slice(0, MAX_WATCHED).map(({ id }) => id);
  }

  /** Asks for the states of some loaded uploads; returns whether any of them is another one by now. */
  async update(ids: readonly string[]): Promise<boolean> {
    const changeCount = this.ports.changes.count;
    const abort = this.#abort;
    const current = new Map((await this.ports.listById([...ids])).map((upload) => [upload.id, upload]));
    // The list was loaded anew meanwhile.
    if (abort !== this.#abort) return false;
    const asked = new Set(ids);
    const before = this.#loaded;
    this.#loaded = before.flatMap((upload) => {
      if (!asked.has(upload.id)) return [upload];
      const found = current.get(upload.id);
      return found === undefined ? [] : [found];
    });
    this.ports.changes.forget(ids, changeCount);
    const isChanged = before.some(({ id, state }) => asked.has(id) && current.get(id)?.state !== state);
    if (isChanged) void this.refreshCounts();
    return isChanged;
  }

  /** Takes uploads out that somebody has cancelled. */
  remove(ids: readonly string[]): void {
    this.#loaded = this.#loaded.filter(({ id }) => !ids.includes(id));
  }

  stop(): void {
    this.#abort?.abort();
    this.#countsAbort.abort();
    this.#deletedAbort.abort();
    if (this.state.name !== 'error') this.state = { name: 'idle' };
  }

  async #load(state: ListState, from: string | null, isAll: boolean, atLeast = 0): Promise<void> {
    this.#abort?.abort();
    const { signal } = (this.#abort = new AbortController());
    this.state = state;
    const query = this.ports.getQuery();
    let cursor = from;
    const isShown = this.#loaded.length > 0;
    let isEmpty = true;
    let isShort = false;
    let isFirst = true;
    let loaded = 0;
    let pending: Upload[] = [];
    let answers: Answer[] = [];
    try {
      do {
        const changeCount = this.ports.changes.count;
        const page = await this.ports.load(cursor, signal, isAll || atLeast > 0 ? LARGE_PAGE : undefined);
        if (signal.aborted) return;
        this.counts = page.counts ?? this.counts;
        pending = [...pending, ...page.uploads];
        answers = [...answers, { ids: page.uploads.map(({ id }) => id), changeCount }];
        loaded += page.uploads.length;
        isShort = loaded < atLeast && page.next !== null;
        // The rows before stay until as many are there again, with what this tab has changed of them.
        if (!isShort || !isShown) {
          if (from === null && isFirst) this.#query = query;
          this.#add({ ...page, uploads: pending }, from === null && isFirst);
          for (const answer of answers) this.ports.changes.forget(answer.ids, answer.changeCount);
          [pending, answers, isFirst] = [[], [], false];
        }
        cursor = page.next;
        // A page of uploads of a name may be empty, although others follow.
        isEmpty = isEmpty && page.uploads.length === 0;
      } while ((isAll || isEmpty || isShort) && cursor !== null);
      this.state = { name: 'idle' };
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.#removeOthers(query);
      this.state = { name: 'error', error, isOfRefresh: from === null };
    }
  }

  /** Takes the rows out that are an answer to something else than what is listed now. */
  #removeOthers(query: string): void {
    if (query === this.#query) return;
    [this.#loaded, this.cursor, this.#query] = [[], null, query];
  }

  #add(page: UploadPage, isFirst: boolean): void {
    this.#loaded = isFirst ? page.uploads : [...this.#loaded, ...page.uploads];
    this.cursor = page.next;
    this.counts = page.counts ?? this.counts;
  }

  #read(): Upload[] {
    const { changes } = this.ports;
    return this.#loaded.flatMap((upload): Upload[] => {
      const until = changes.getRestorableUntil(upload.id);
      if (until === 0) return [];
      if (until !== null) {
        return [{ ...upload, state: 'deleted', restorable_until: new Date(until).toISOString() }];
      }
      const image = changes.find(upload.id);
      if (image === null) return [upload];
      return [{ ...upload, state: this.#getState(upload, image), name: image.name, image }];
    });
  }

  /** The state of an upload whose picture was edited or restored in this tab. */
  #getState(upload: Upload, image: Image): Upload['state'] {
    if (isHidden(image, this.ports.clock.now())) return 'hidden';
    // The renditions of a picture that was hidden are made again, at another address.
    const isMoved = upload.image !== undefined && upload.image.urls['240p'] !== image.urls['240p'];
    return upload.state === 'hidden' || isMoved ? 'pending' : 'ready';
  }
}
