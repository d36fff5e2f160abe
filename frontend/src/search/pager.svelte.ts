import { describeError } from '../app/messages';
import { ApiError, isAbort, isTransient } from '../api/errors';
import { Timer, type Clock } from '../app/clock';
import type { Image, ImagePage, ImageQuery } from '../api/types';

export type PagerState =
  /** More pages may follow. `isAfterEmptyPages`: the pager has stopped because many pages in a row were empty. */
  | { name: 'idle'; isAfterEmptyPages: boolean }
  | { name: 'loading' }
  | { name: 'end' }
  /** The request is repeated at `retryAt` (ms). */
  | { name: 'waiting'; retryAt: number; detail: string }
  /** `pointer`: what the API finds wrong, such as `?q`; empty where it does not say that. */
  | { name: 'error'; detail: string; status: number; pointer: string };

/**
 * How the API has read a query otherwise than by its words. `corrected` is the query that was answered instead. `related` has, for
 * a word of the query, the related words that stand for it: for words that no picture has or, with `expand=related`, for any word.
 * Where `relaxed` is true, the pictures have at least one of the words.
 */
export interface Reading extends Pick<ImagePage, 'corrected' | 'related' | 'relaxed'> {
  query: string;
}

/** What a pager has found, so that the search can be shown again without being answered again. */
export type Snapshot = Readonly<
  Pick<Pager, 'images' | 'reading' | 'count' | 'state'> & {
    query: ImageQuery;
    cursor: string | null;
  }
>;

export interface PagerPorts {
  load(query: ImageQuery, signal: AbortSignal): Promise<ImagePage>;
  clock: Clock;
}

/** Empty pages in a row after which the pager stops, so that a person decides whether to go on. */
const MAX_EMPTY_PAGES = 12;
const MAX_RETRIES = 6;
/** Ms; the delay doubles from twice the base to the cap. */
const RETRY_BASE = 500;
const RETRY_CAP = 8000;

/** The results of one search, page after page. The fields are reactive. */
export class Pager {
  images = $state.raw<readonly Image[]>([]);
  /** Null where each picture has all words of the query, as they were typed. */
  reading = $state.raw<Reading | null>(null);
  /** How many pictures match, if the API knows. */
  count = $state.raw<number | null>(null);
  /** True while the pictures are those of the search before, as this one has not been answered yet. */
  isStale = $state(false);
  state = $state.raw<PagerState>({ name: 'idle', isAfterEmptyPages: false });
  #query: ImageQuery = {};
  #cursor: string | null = null;
  #abort: AbortController | null = null;
  #failures = 0;
  #ids = new Set<string>();
  readonly #retryTimer: Timer;

  constructor(private readonly ports: PagerPorts) {
    this.#retryTimer = new Timer(ports.clock);
  }

  /** Starts another search and gives up the current one. The old pictures stay until the first answer or failure. */
  async search(query: ImageQuery): Promise<void> {
    this.#stop();
    this.#query = query;
    this.#cursor = null;
    this.#failures = 0;
    this.isStale = this.images.length > 0;
    await this.#load(true);
  }

  /** What has been found so far; null where that is nothing, or no answer to the present search. */
  takeSnapshot(): Snapshot | null {
    const { images, reading, count, state } = this;
    if (this.isStale || images.length === 0) return null;
    const settled: PagerState = state.name === 'end' ? state : { name: 'idle', isAfterEmptyPages: false };
    return {
      images,
      reading,
      count,
      state: settled,
      query: this.#query,
      cursor: this.#cursor,
    };
  }

  /** Shows a search again as it was, and gives up the current one. */
  restore({ query, cursor, ...shown }: Snapshot): void {
    this.#stop();
    this.#query = query;
    this.#cursor = cursor;
    this.#failures = 0;
    this.isStale = false;
    Object.assign(this, shown);
    this.#ids = new Set(shown.images.map(({ id }) => id));
  }

  /** Forgets the pictures at once, before another search is answered. */
  forget(): void {
    this.#stop();
    this.#reset();
  }

  /** Loads the page after the last one. There is none before the first search. */
  async loadMore(): Promise<void> {
    if (this.state.name === 'idle' && this.#cursor !== null) await this.#load(false);
  }

  /** Repeats the last request: after an error, or instead of waiting. */
  async retry(): Promise<void> {
    if (this.state.name === 'loading' || this.state.name === 'end') return;
    this.#stop();
    await this.#load(this.#cursor === null);
  }

  /** Repeats at once what no answer came to: the connection is back. */
  async reconnect(): Promise<void> {
    const { state } = this;
    if (state.name === 'waiting' || (state.name === 'error' && state.status === 0)) await this.retry();
  }

  #stop(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#retryTimer.clear();
  }

  async #load(isFirst: boolean): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.state = { name: 'loading' };
    try {
      for (let emptyPages = 0; ; emptyPages++) {
        const cursor = this.#cursor === null ? {} : { cursor: this.#cursor };
        const page = await this.ports.load({ ...this.#query, ...cursor }, abort.signal);
        if (abort.signal.aborted) return;
        this.#failures = 0;
        if (isFirst && emptyPages === 0) this.#reset();
        this.#append(page);
        if (page.next === null) {
          this.state = { name: 'end' };
          return;
        }
        if (page.images.length > 0 || emptyPages + 1 >= MAX_EMPTY_PAGES) {
          this.state = { name: 'idle', isAfterEmptyPages: page.images.length === 0 };
          return;
        }
      }
    } catch (error) {
      if (isAbort(error) || abort.signal.aborted) return;
      this.#handleFailure(error, isFirst);
    }
  }

  #reset(): void {
    this.images = [];
    this.isStale = false;
    this.reading = null;
    this.count = null;
    this.#ids = new Set();
  }

  #append(page: ImagePage): void {
    const added = page.images.filter((image) => !this.#ids.has(image.id));
    for (const image of added) this.#ids.add(image.id);
    this.images = [...this.images, ...added];
    // Empty pages may say less than the one with the first pictures.
    if (page.corrected || page.related || page.relaxed) {
      this.reading = { ...this.reading, ...page, query: this.#query.q ?? '' };
    }
    this.count ??= page.count ?? null;
    this.#cursor = page.next;
  }

  #handleFailure(error: unknown, isFirst: boolean): void {
    this.#failures += 1;
    // The pictures of an earlier search are no answer to this one.
    if (isFirst) this.#reset();
    if (isTransient(error) && this.#failures <= MAX_RETRIES) {
      const delay = computeDelay(error, this.#failures);
      this.#retryTimer.set(delay, () => void this.#load(isFirst));
      const retryAt = this.ports.clock.now() + delay;
      this.state = { name: 'waiting', retryAt, detail: describeError(error) };
      return;
    }
    const { status = 0, places = [] } = error instanceof ApiError ? error : {};
    this.state = { name: 'error', detail: describeError(error), status, pointer: places[0]?.pointer ?? '' };
  }
}

/** Ms until a request is repeated: what the API asks for, else twice as long after each failure. */
export function computeDelay(error: unknown, failures: number): number {
  const retryAfter = error instanceof ApiError ? error.retryAfter : null;
  if (retryAfter !== null) return Math.max(1, retryAfter) * 1000;
  return Math.min(RETRY_CAP, RETRY_BASE * 2 ** failures);
}
