import { router } from '../app/router.svelte';
import { EMPTY_PARAMS, buildSearchUrl, parseAddress } from './params';
import type { SearchParams } from './search-params';
import { results } from './results.svelte';

/** Ms without typing before the query is searched for. */
const TYPING_DELAY = 320;

/** Ms without typing before a query is searched for whose last word is probably not whole yet. */
const BEGINNING_DELAY = 1000;

/** Ms after which nothing waits any more for the browser to go back: a browser that is often asked may not do so. */
const RETURN_TIMEOUT = 2000;

/** Letters from which on the API completes a word. A word of fewer letters is probably not whole yet. */
const MIN_LETTERS = 3;

/** What a person does to search. The address holds the search, so every method changes the address. */
class Searching {
  /** Whether the search has had no answer for seconds. */
  isSlow = $state(false);
  /** The state of the history entry whose words are being typed; null once somebody has finished typing them. */
  #typedIn = $state.raw<unknown>(null);
  /** Words that are about to be searched for, and the state of the history entry in which they were typed. */
  #typed = $state.raw<{ q: string; entry: unknown } | null>(null);
  /** The address from which somebody has begun to type. */
  #before = '';
  /** Whether somebody has left the field since the words of `#typed` were typed. */
  #isLeft = false;
  #timer = 0;
  /** Ends once the page is back where somebody was before they began to type; null while it is not on its way there. */
  #returning: Promise<void> | null = null;

  /** The search at the page's address; on another page an empty one. */
  get params(): SearchParams {
    return router.route.name === 'search' ? parseAddress(router.path, router.queryString) : EMPTY_PARAMS;
  }

  // Derived, so that what depends on it is not done again for every history entry.
  readonly #isTyping = $derived(this.#typedIn === router.state);

  /** Whether the words of the search are still being typed, so that others are likely to follow. */
  get isTyping(): boolean {
    return this.#isTyping;
  }
  set isTyping(isTyping: boolean) {
    this.#typedIn = isTyping ? router.state : null;
  }

  /** Whether the words that are being typed are others than those of the search: from the first other letter on. */
  get isAhead(): boolean {
    return this.#pending !== undefined;
  }

  /** The words that are being typed, or else those of the search. */
  get words(): string {
    return this.#pending ?? this.params.q;
  }

  /** Undefined where there are none, or where somebody has gone elsewhere since, even if they have come back. */
  get #pending(): string | undefined {
    const isHere = this.#typed?.entry === router.state || this.#returning !== null;
    return isHere ? this.#typed?.q : undefined;
  }

  change(changes: Partial<SearchParams>): void {
    if (this.#postpone(() => this.change(changes))) return;
    this.isTyping = false;
    this.#go(changes, false);
  }

  /** Searches after a pause. However many letters that takes, it is one history entry. Other pages stay. */
  type(q: string): void {
    this.#forgetTyped();
    if (this.#postpone(() => this.type(q))) {
      this.#typed = { q, entry: router.state };
      return;
    }
    if (router.route.name !== 'search' || q.trim() === this.params.q.trim()) return;
    this.#typed = { q, entry: router.state };
    const delay = isBeginning(q.normalize(), this.params.q) ? BEGINNING_DELAY : TYPING_DELAY;
    this.#timer = window.setTimeout(() => {
      if (!this.isAhead) return;
      const isLeft = this.#isLeft;
      if (!this.isTyping) this.#before = location.pathname + location.search;
      this.#go({ q }, this.isTyping);
      this.isTyping = !isLeft;
    }, delay);
  }

  submit(q: string): void {
    // The pictures to which the page goes back are not asked for again.
    if (this.#postpone(() => q.trim() !== this.params.q.trim() && this.submit(q))) return;
    const isOther = this.#go({ q }, this.isTyping);
    // Whoever has typed these words has their results, or waits for them, and whoever is offline gets no others.
    const { state } = results.pager;
    const isAgain = !isOther && !this.isTyping && navigator.onLine && state.name !== 'loading';
    this.isTyping = false;
    if (isAgain || state.name === 'error') results.repeat();
  }

  /** Is called when somebody has left the field: no more letters follow. The words are still searched for after the pause. */
  finishTyping(): void {
    if (this.#postpone(() => this.finishTyping())) return;
    if (this.isAhead) this.#isLeft = true;
    else this.isTyping = false;
  }

  clearFilters(): void {
    if (this.#postpone(() => this.clearFilters())) return;
    this.change({ ...EMPTY_PARAMS, q: this.words });
  }

  /** Changes the address. Returns whether that makes it another search. */
  #go(changes: Partial<SearchParams>, replace: boolean): boolean {
    const { params } = this;
    // A filter that is chosen right after typing is for the words in the field.
    const q = changes.q ?? this.words;
    this.#forgetTyped();
    // Pictures of related words were asked for with these words alone.
    const expand = q.trim() === params.q.trim() ? params.expand : '';
    const url = buildSearchUrl({ ...params, ...changes, q, expand });
    const isOther = url !== location.pathname + location.search;
    const keepScroll = router.route.name === 'search';
    // Somebody has deleted what they had typed: the page goes back to where they began, so that “Back” does not lead there again.
    if (replace && url === this.#before) {
      this.#typed = { q, entry: router.state };
      const timeout = new Promise((resolve) => setTimeout(resolve, RETURN_TIMEOUT));
      this.#returning = Promise.race([router.back(1), timeout]).then(() => {
        const typed = this.words;
        const isBack = location.pathname + location.search === url;
        this.#returning = null;
        // The browser has not gone back: what takes the place of this entry then does not depend on that.
        if (!isBack) this.#before = '';
        // What is typed by now is typed here, unless somebody has gone elsewhere meanwhile.
        if (isBack || this.#typed?.entry === router.state) this.type(typed);
      });
    } else if (isOther) void router.go(url, { replace, keepScroll });
    // Other results are read from the first one on. Who sees what stands above them stays there, unless the words are others.
    // The header stays where it is: on a phone a part of it scrolls away, and the search box is below that part.
    if (keepScroll && ('q' in changes || scrollY > (document.getElementById('results')?.offsetTop ?? 0)))
      scrollBy(0, -(document.querySelector('header')?.offsetTop ?? 0));
    return isOther;
  }

  /**
   * Going back takes the browser a moment. What somebody does meanwhile follows it: in the history entry that the page is
   * about to leave, it would be lost. Returns whether `action` waits for that.
   */
  #postpone(action: () => void): boolean {
    void this.#returning?.then(action);
    return this.#returning !== null;
  }

  #forgetTyped(): void {
    clearTimeout(this.#timer);
    this.#typed = null;
    this.#isLeft = false;
  }
}

/**
 * A word of a script with spaces, at the end of a text. In others (Thai to Korean, and kana, Han and Hangul) a letter is a
 * word.
 */
export const LAST_WORD =
  /[[\p{L}\p{M}\p{N}]--[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\ud7af]]+$/v;

/**
 * Whether more letters of the last word of a text are likely to come, as it has few: of a first word, tag or operator's value,
 * and the first letter behind words that have been searched for.
 */
function isBeginning(text: string, searched: string): boolean {
  const before = text.replace(LAST_WORD, '');
  const letters = text.length - before.length;
  if (letters === 1 && before.trim() === searched) return true;
  return letters > 0 && letters < MIN_LETTERS && !/\S\s+$/.test(before);
}

export const searching = new Searching();
