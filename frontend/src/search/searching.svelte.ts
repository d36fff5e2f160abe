import { router } from '../app/router.svelte';
import { EMPTY_PARAMS, buildSearchUrl, parseAddress } from './params';
import type { SearchParams } from './search-params';
import { results } from './results.svelte';

/** Ms without typing before the query is searched for. */
const TYPING_DELAY = 320;

/** Letters before which a word says nothing yet: the API completes words of three letters and more. */
const MIN_LETTERS = 3;

/** What a person does to search. The address holds the search, so every method changes the address. */
class Searching {
  /** True while the words of the search are being typed: what they find is no last word. */
  isTyping = $state(false);
  /** True while the words that are being typed are others than those of the search: from the first other letter on. */
  isAhead = $state(false);
  #timer = 0;

  /** The search at the page's address; on another page an empty one. */
  get params(): SearchParams {
    return router.route.name === 'search' ? parseAddress(router.path, router.queryString) : EMPTY_PARAMS;
  }

  change(changes: Partial<SearchParams>): void {
    this.isTyping = false;
    this.#go(changes, false);
  }

  /** Searches after a pause. However many letters that takes, it is one history entry. Other pages stay. */
  type(q: string): void {
    clearTimeout(this.#timer);
    this.isAhead = router.route.name === 'search' && q.trim() !== this.params.q.trim();
    if (!this.isAhead || isBeginning(q.normalize(), this.params.q)) return;
    this.#timer = window.setTimeout(() => {
      const isTyping = this.isTyping;
      this.isTyping = true;
      this.#go({ q }, isTyping);
    }, TYPING_DELAY);
  }

  submit(q: string): void {
    const isOther = this.#go({ q }, this.isTyping);
    // Whoever has typed these words has their results, or waits for them, and whoever is offline gets no others.
    const { state } = results.pager;
    const isAgain = !isOther && !this.isTyping && navigator.onLine && state.name !== 'loading';
    this.isTyping = false;
    if (isAgain || state.name === 'error') results.repeat();
  }

  /** The words are as they shall be: somebody has left the field. */
  finishTyping(): void {
    this.isTyping = this.isAhead = false;
  }

  clearFilters(): void {
    const { q, expand } = this.params;
    this.change({ ...EMPTY_PARAMS, q, expand });
  }

  /** Whether that is another search than the one at the page's address. */
  #go(changes: Partial<SearchParams>, replace: boolean): boolean {
    clearTimeout(this.#timer);
    this.isAhead = false;
    const { params } = this;
    // Pictures of related words were asked for with these words alone.
    const isExpanded = (changes.q ?? params.q).trim() === params.q.trim();
    const url = buildSearchUrl({ ...params, expand: isExpanded ? params.expand : '', ...changes });
    const isOther = url !== location.pathname + location.search;
    const keepScroll = router.route.name === 'search';
    if (isOther) void router.go(url, { replace, keepScroll });
    // Other results are read from the first one on. Who sees what stands above them stays there, unless the words are others.
    // The header stays where it is: on a phone a part of it scrolls away, and the search box is below that part.
    if (keepScroll && ('q' in changes || scrollY > (document.getElementById('results')?.offsetTop ?? 0)))
      scrollBy(0, -(document.querySelector('header')?.offsetTop ?? 0));
    return isOther;
  }
}

/**
 * A word of a script with spaces, at the end of a text. In others (Thai to Korean, and kana, Han and Hangul) a letter is a
 * word.
 */
const LAST_WORD =
  /(?:(?![\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\ud7af])[\p{L}\p{M}\p{N}])+$/u;

/**
 * Whether a text waits for more letters of its last word, which are few: of a first word, tag or operator's value, and the
 * first letter behind words that have been searched for.
 */
function isBeginning(text: string, searched: string): boolean {
  const before = text.replace(LAST_WORD, '');
  const letters = text.length - before.length;
  if (letters === 1 && before.trim() === searched) return true;
  return letters > 0 && letters < MIN_LETTERS && !/\S\s+$/.test(before);
}

export const searching = new Searching();
