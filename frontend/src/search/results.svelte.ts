/** The search that is under way, for the grid and for the picture opened from it. */
import { api } from '../app/api';
import type { Image } from '../api/types';
import { Latest } from './latest';
import { Pager, type Correction, type PagerState } from './pager';
import { EMPTY, same, toQuery, type SearchParams } from './params';

/** Pictures asked for at a time: about two screens. */
const PAGE = 50;

const latest = new Latest(sessionStorage, Date.now);

class Results {
  params = $state.raw<SearchParams>({ ...EMPTY });
  images = $state.raw<Image[]>([]);
  state = $state.raw<PagerState>({ name: 'idle', dry: false });
  relaxed = $state(false);
  correction = $state.raw<Correction | null>(null);
  /** True once a search was made, so that opening the page again need not repeat it. */
  begun = $state(false);

  readonly #pager = new Pager(
    {
      load: (query, signal) => api.images({ ...query, limit: PAGE, ...latest.query }, signal),
      now: () => Date.now(),
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
    () => this.#changed(),
  );

  /** Searches, unless these are the results already shown. */
  show(params: SearchParams): void {
    if (this.begun && same(params, this.params)) return;
    this.params = params;
    this.begun = true;
    void this.#pager.search(toQuery(params));
  }

  /** There may be new pictures, `id` the last of them: the next visit of the search asks anew. */
  outdate(id?: string): void {
    if (id !== undefined) latest.note(id);
    this.begun = false;
  }

  again(): void {
    void this.#pager.search(toQuery(this.params));
  }

  more(): void {
    void this.#pager.more();
  }

  retry(): void {
    void this.#pager.retry();
  }

  #changed(): void {
    this.images = this.#pager.images;
    this.state = this.#pager.state;
    this.relaxed = this.#pager.relaxed;
    this.correction = this.#pager.correction;
  }
}

export const results = new Results();
