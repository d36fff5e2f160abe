import { api, getConfig } from '../app/api';
import { hasStatus } from '../api/errors';
import type { Image, ImagePage, ImageQuery } from '../api/types';
import { localClock } from '../app/clock';
import { pictureChanges } from '../pictures/picture-changes.svelte';
import { buildPageQuery, latestUpload } from './page-query';
import { Pager, type Snapshot } from './pager.svelte';
import { EMPTY_PARAMS, buildQuery, isSameSearch } from './params';
import type { Refresh } from './refresh.svelte';
import type { SearchParams } from './search-params';

export interface ResultsPorts {
  load: (query: ImageQuery, signal: AbortSignal) => Promise<ImagePage>;
  /** Whether everybody may see the library. */
  isPublic: () => Promise<boolean>;
}

/** Earlier searches of this tab that “Back” and “Forward” show as they were, with all pages, without a connection too. */
const MAX_EARLIER = 5;

/** The current search: its results for the grid, and for the picture that was opened from the grid. */
export class Results {
  params = $state.raw<SearchParams>(EMPTY_PARAMS);
  /**
   * How many pictures there are with the related ones below them, in words; empty where there are none, and null while these
   * are asked for.
   */
  countLabel = $state<string | null>('');
  readonly pager: Pager;
  /** Asks for the first page again, while the pictures on the screen stay; null before that was needed. */
  refresh = $state.raw<Refresh | null>(null);
  /** The pictures of the search, as this tab has changed them. */
  readonly images: readonly Image[] = $derived.by(() => pictureChanges.apply(this.pager.images));
  /** Whether the next visit of the search page searches again, even with the same parameters. */
  #mustAskAgain = true;
  #earlier: { params: SearchParams; snapshot: Snapshot }[] = [];

  constructor(private readonly ports: ResultsPorts) {
    this.pager = new Pager({ load: ports.load, clock: localClock });
  }

  /**
   * Searches. Results of these parameters that are there already stay, and are asked for again in the background.
   * `isReturn`: somebody goes back or forward, and expects what was shown. Whoever is offline sees that in any case.
   */
  show(params: SearchParams, isReturn = false): void {
    // Whoever is offline keeps what there is: nothing newer comes.
    const isEmpty = this.pager.images.length === 0;
    const isOutdated = this.#mustAskAgain && (navigator.onLine || (isEmpty && this.#earlier.length === 0));
    if (isOutdated) {
      this.#earlier = [];
      this.#mustAskAgain = false;
    }
    if (isSameSearch(params, this.params) && !(isOutdated && isEmpty)) {
      if (isOutdated || !isReturn) void this.#refresh();
      return;
    }
    const snapshot = this.#exchange(params, isOutdated);
    this.params = params;
    if ((isReturn || !navigator.onLine) && snapshot !== undefined) this.pager.restore(snapshot);
    else this.repeat();
  }

  /** Keeps what the present search has found, and takes out what another one had. */
  #exchange(params: SearchParams, isOutdated: boolean): Snapshot | undefined {
    this.refresh?.end();
    const earlier = this.#earlier.find((each) => isSameSearch(each.params, params));
    const present = isOutdated ? null : this.pager.takeSnapshot();
    const others = this.#earlier.filter(
      (each) => each !== earlier && !isSameSearch(each.params, this.params),
    );
    this.#earlier = present === null ? others : [...others, { params: this.params, snapshot: present }];
    this.#earlier.splice(0, this.#earlier.length - MAX_EARLIER);
    return earlier?.snapshot;
  }

  /** Asks in the background. Where the script is missing, which `routes/offline.ts` loads, the next visit of the page asks. */
  async #refresh(): Promise<void> {
    const part = await import('./refresh.svelte').catch(() => null);
    if (part === null) return this.invalidate();
    this.refresh ??= new part.Refresh(this.pager, this.ports.load, localClock, () => this.repeat());
    await this.refresh.start();
  }

  /** Repeats the search from its first page. */
  repeat(): void {
    this.refresh?.end();
    void this.pager.search(buildQuery(this.params));
  }

  /** Forgets the results of a private library after a sign-out: whoever uses this tab next must not see them. */
  async forgetPrivate(): Promise<void> {
    this.#earlier = [];
    if (this.#mustAskAgain && this.pager.images.length === 0) return;
    const isPublic = await this.ports.isPublic().catch(() => false);
    if (isPublic) return;
    this.#earlier = [];
    this.pager.forget();
    this.repeat();
  }

  /** Records that somebody has signed in, who may see more. What was refused before is asked for again at once. */
  noteSignIn(): void {
    this.#mustAskAgain = true;
    const { state } = this.pager;
    if (state.name === 'error' && state.status === 401) this.repeat();
  }

  /** Records that there may be other pictures by now, among them the contributor's own `uploadId`. */
  invalidate(uploadId?: string): void {
    if (uploadId !== undefined) latestUpload.record(uploadId);
    this.#mustAskAgain = true;
  }
}

const load: ResultsPorts['load'] = (query, signal) =>
  api.searchImages(buildPageQuery(query), signal).catch((error: unknown) => {
    // The API refuses to search since an upload that has been deleted, or hidden, meanwhile.
    if (!hasStatus(error, 400) || !latestUpload.forget()) throw error;
    return load(query, signal);
  });

export const results = new Results({
  load,
  isPublic: async () => (await getConfig()).visibility === 'public',
});

addEventListener('online', () => {
  void results.pager.reconnect();
  void results.refresh?.reconnect();
});
