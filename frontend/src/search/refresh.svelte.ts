import { isAbort, isTransient } from '../api/errors';
import type { ImagePage, ImageQuery } from '../api/types';
import { Timer, type Clock } from '../app/clock';
import { describeError } from '../app/messages';
import { computeDelay, type Pager, type Snapshot } from './pager.svelte';

/**
 * Asks for the first page of a search again while what was found before is shown: for whoever follows a link to it. Loaded
 * once the page is there.
 */
export class Refresh {
  /** Why there is no answer, and when the request is repeated (ms); null while nothing is wrong. */
  outage = $state.raw<{ detail: string; retryAt: number } | null>(null);
  #abort = new AbortController();
  #failures = 0;
  readonly #timer: Timer;

  constructor(
    private readonly pager: Pager,
    private readonly load: (query: ImageQuery, signal: AbortSignal) => Promise<ImagePage>,
    private readonly clock: Clock,
    /** Searches from the start, which says what is wrong. */
    private readonly repeat: () => void,
  ) {
    this.#timer = new Timer(clock);
  }

  async start(): Promise<void> {
    this.#failures = 0;
    await this.#ask();
  }

  /** Asks at once where no answer came: the connection is back, or somebody does not want to wait. */
  async reconnect(): Promise<void> {
    if (this.outage !== null) await this.#ask();
  }

  /** Another search has an answer of its own, or none. */
  end(): void {
    this.#abort.abort();
    this.#timer.clear();
    this.outage = null;
  }

  async #ask(): Promise<void> {
    this.#abort.abort();
    this.#timer.clear();
    const query = this.pager.takeSnapshot()?.query;
    // Where nothing was found yet, the search itself has failed.
    if (query === undefined) return this.pager.reconnect();
    const { signal } = (this.#abort = new AbortController());
    try {
      const page = await this.load(query, signal);
      const present = this.pager.takeSnapshot();
      if (signal.aborted) return;
      this.outage = null;
      if (present !== null && present.query === query) this.pager.restore(mergeFirstPage(present, page));
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.#handleFailure(error);
    }
  }

  #handleFailure(error: unknown): void {
    if (!isTransient(error)) {
      this.end();
      this.repeat();
      return;
    }
    this.#failures += 1;
    const delay = computeDelay(error, this.#failures);
    // A tab in the background asks for nothing.
    const askIfSeen = (): void => {
      if (globalThis.document?.hidden) this.#timer.set(delay, askIfSeen);
      else void this.#ask();
    };
    this.#timer.set(delay, askIfSeen);
    this.outage = { detail: describeError(error), retryAt: this.clock.now() + delay };
  }
}

/**
 * The pictures that are shown once the first page has come again: those of the page, and after them the pictures that stood
 * behind its last picture before. So the pages that somebody has loaded stay, and where nothing is new, no picture moves.
 */
function mergeFirstPage(present: Snapshot, page: ImagePage): Snapshot {
  // Only later pages say what there is.
  if (page.images.length === 0 && page.next !== null) return present;
  const ids = new Set(page.images.map(({ id }) => id));
  const end = present.images.findLastIndex(({ id }) => ids.has(id)) + 1;
  const later = page.next === null || end === 0 ? [] : present.images.slice(end);
  const isRead = Boolean(page.corrected || page.related || page.relaxed);
  const reading = isRead ? { ...page, query: present.query.q ?? '' } : null;
  const shown = { ...present, reading, count: page.count ?? null };
  if (later.length > 0) return { ...shown, images: [...page.images, ...later] };
  const state: Snapshot['state'] =
    page.next === null ? { name: 'end' } : { name: 'idle', isAfterEmptyPages: false };
  return { ...shown, images: page.images, cursor: page.next, state };
}
