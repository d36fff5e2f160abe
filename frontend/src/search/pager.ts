/** Page after page of one search. Knows no framework; tells `changed` after every change. */
import { ApiError, describe, isAbort, isTransient } from '../api/errors';
import type { Image, ImagePage, ImageQuery } from '../api/types';

export type PagerState =
  | { name: 'idle'; dry: boolean } // more may be there; dry: the last pages had nothing
  | { name: 'loading' }
  | { name: 'end' }
  | { name: 'waiting'; until: number; waking: boolean } // asks again by itself at that time (ms)
  | { name: 'error'; detail: string; field: string | null; status: number };

/** A search with words that no picture has: what was asked, and how it was read instead. */
export interface Correction {
  asked: string;
  read: string;
}

export interface PagerPorts {
  load(query: ImageQuery, signal: AbortSignal): Promise<ImagePage>;
  now(): number;
  after(ms: number, callback: () => void): () => void;
}

/** Pages without a picture that are asked for in a row before a person is asked whether to go on. */
const EMPTY_PAGES = 12;
/** Repeats by itself after a failure that passes. */
const REPEATS = 6;

export class Pager {
  images: Image[] = [];
  relaxed = false;
  correction: Correction | null = null;
  state: PagerState = { name: 'idle', dry: false };
  #query: ImageQuery = {};
  #cursor: string | null = null;
  #abort: AbortController | null = null;
  #undo: (() => void) | null = null;
  #failures = 0;
  #seen = new Set<string>();

  constructor(
    private readonly ports: PagerPorts,
    private readonly changed: () => void,
  ) {}

  /** Begins another search; what was under way is given up. The old pictures stay until the first answer. */
  async search(query: ImageQuery): Promise<void> {
    this.stop();
    this.#query = query;
    this.#cursor = null;
    this.#failures = 0;
    await this.#load(true);
  }

  /** Goes on where the last page ended. */
  async more(): Promise<void> {
    if (this.state.name === 'idle') await this.#load(false);
  }

  /** After an error, or instead of waiting. */
  async retry(): Promise<void> {
    if (this.state.name === 'loading' || this.state.name === 'end') return;
    this.stop();
    await this.#load(this.#cursor === null);
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#undo?.();
    this.#undo = null;
  }

  async #load(first: boolean): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#set({ name: 'loading' });
    try {
      for (let empty = 0; ; empty++) {
        const cursor = this.#cursor === null ? {} : { cursor: this.#cursor };
        const page = await this.ports.load({ ...this.#query, ...cursor }, abort.signal);
        if (abort.signal.aborted) return;
        this.#failures = 0;
        if (first && empty === 0) this.#begin();
        this.#append(page);
        if (page.next === null) return this.#set({ name: 'end' });
        if (page.images.length > 0) return this.#set({ name: 'idle', dry: false });
        if (empty + 1 >= EMPTY_PAGES) return this.#set({ name: 'idle', dry: true });
      }
    } catch (error) {
      if (isAbort(error) || abort.signal.aborted) return;
      this.#failed(error, first);
    }
  }

  #begin(): void {
    this.images = [];
    this.relaxed = false;
    this.correction = null;
    this.#seen = new Set();
  }

  #append(page: ImagePage): void {
    const fresh = page.images.filter((image) => !this.#seen.has(image.id));
    for (const image of fresh) this.#seen.add(image.id);
    this.images = [...this.images, ...fresh];
    this.relaxed ||= page.relaxed === true;
    if (page.corrected) this.correction ??= { asked: this.#query.q ?? '', read: page.corrected };
    this.#cursor = page.next;
  }

  #failed(error: unknown, first: boolean): void {
    this.#failures += 1;
    if (isTransient(error) && this.#failures <= REPEATS) {
      const asked = error instanceof ApiError ? error.retryAfter : null;
      const ms = asked === null ? Math.min(8000, 500 * 2 ** this.#failures) : Math.max(1, asked) * 1000;
      const waking = error instanceof ApiError && error.status === 503;
      this.#undo = this.ports.after(ms, () => void this.#load(first));
      this.#set({ name: 'waiting', until: this.ports.now() + ms, waking });
      return;
    }
    if (first) this.#begin();
    const field = error instanceof ApiError ? (error.problem?.errors?.[0]?.pointer ?? null) : null;
    const status = error instanceof ApiError ? error.status : 0;
    this.#set({ name: 'error', detail: describe(error), field, status });
  }

  #set(state: PagerState): void {
    this.state = state;
    this.changed();
  }
}
