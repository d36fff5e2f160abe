/** Routing on the history API. Every link is a plain `<a href>`: the router follows those within the page. */
import { tick } from 'svelte';
import { keepWithinSite, parseRoute, type Route } from './routes';

/** What one history entry remembers besides its address. */
interface EntryState {
  /** The scroll position, as `scrollY`. */
  scroll?: number;
  /** URL of the search from which a picture was opened. */
  search?: string;
  /** How many entries before this one a picture was opened, so that closing it goes back instead of on. */
  depth?: number;
  /** Where a picture stands among the results of its search: after a reload, the results up to this place are loaded again. */
  position?: number;
  /** How many of a contributor's own pictures are loaded again for whoever comes back. */
  rows?: number;
  /** Which of these pictures is where on the screen. */
  anchor?: { id: string; top: number } | null;
  /** Whose pictures these are, as in `session.owner`. */
  owner?: string | null;
  /** Id of the last of them that was opened: whoever comes back is on its link. */
  opened?: string | null;
  /** Id of the picture from whose page the viewer was opened. Only the entry of the viewer has it. */
  enlargedFrom?: string;
}

/** Asks whether the page may be left, and calls `proceed` if so. */
type Guard = (proceed: () => void) => void;

class Router {
  path = $state(location.pathname);
  queryString = $state(location.search);
  route = $derived<Route>(parseRoute(this.path));
  state = $state.raw<EntryState>(readEntryState());
  /** Whether “Back” or “Forward” has led to the entry. */
  isReturn = false;
  #guard: Guard | null = null;
  #onTraversal: (() => void)[] = [];
  /** Where to scroll to once the page is high enough. Null when it is there, or when somebody has scrolled. */
  #wantedScroll: number | null = this.state.scroll ?? null;
  /** Whether a page was opened whose heading is not there yet, as the page has to be loaded first. */
  #isHeadingLate = false;

  constructor() {
    history.scrollRestoration = 'manual';
    this.#scrollWhenHighEnough();
    addEventListener('popstate', () => void this.#handleTraversal());
    addEventListener('beforeunload', (event) => {
      // A reload may come before the timer below. It remembers what the entry has when it begins.
      this.#saveScroll();
      if (this.#guard !== null) event.preventDefault();
    });
    addEventListener('click', (event) => this.#followLink(event));
    let timer = 0;
    addEventListener('scroll', () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => this.#saveScroll(), 150);
    });
    addEventListener('pagehide', () => this.#saveScroll());
  }

  /** Goes to an address of this page. `keepScroll` is for changes after which a reader is still on the same page. */
  async go(
    address: string,
    options: { replace?: boolean; state?: EntryState; keepScroll?: boolean } = {},
  ): Promise<void> {
    if (this.#guard !== null) {
      this.#guard(() => {
        this.#guard = null;
        void this.go(address, options);
      });
      return;
    }
    const { replace = false, state = {}, keepScroll = false } = options;
    const url = keepWithinSite(address);
    this.#saveScroll();
    this.#wantedScroll = null;
    this.isReturn = false;
    if (replace) history.replaceState(state, '', url);
    else history.pushState(state, '', url);
    this.#readLocation();
    if (keepScroll) return;
    await tick();
    scrollTo(0, 0);
    this.#isHeadingLate = !focusHeading();
  }

  /** Puts the focus on the heading of a page that had to be loaded first, unless somebody has gone on meanwhile. */
  focusLateHeading(): void {
    if (this.#isHeadingLate) focusHeading();
    this.#isHeadingLate = false;
  }

  /** Adds to what the present history entry remembers. */
  remember(changes: EntryState): void {
    history.replaceState({ ...readEntryState(), ...changes }, '');
    this.state = readEntryState();
  }

  /** Goes back by so many entries of the history. Ends when the earlier page is shown, or its guard asks. */
  async back(entries: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onTraversal.push(resolve);
      history.go(-entries);
    });
  }

  /** Has the guard asked before the page is left, until the returned function is called. The last guard counts. */
  guard(ask: Guard): () => void {
    this.#guard = ask;
    return () => {
      if (this.#guard === ask) this.#guard = null;
    };
  }

  /** The browser reports “Back” and “Forward” when they have happened. While there is a guard, the router undoes them first. */
  async #handleTraversal(): Promise<void> {
    // Somebody who goes back because of what this traversal shows waits for the next one.
    const waiting = this.#onTraversal.splice(0);
    await this.#showTraversal();
    for (const resolve of waiting) resolve();
  }

  async #showTraversal(): Promise<void> {
    if (this.#guard === null) return this.#restoreEntry();
    const address = location.pathname + location.search;
    const state = readEntryState();
    history.pushState(this.state, '', this.path + this.queryString);
    await this.go(address, { state });
  }

  #saveScroll(): void {
    if (this.#wantedScroll !== null) return;
    history.replaceState({ ...readEntryState(), scroll: scrollY }, '');
  }

  async #restoreEntry(): Promise<void> {
    const { scroll = 0 } = readEntryState();
    this.isReturn = true;
    this.#readLocation();
    this.#wantedScroll = scroll;
    await tick();
    this.scrollOn();
    // What had the focus may be on the page that was left. A browser takes it from there later.
    if (document.activeElement?.matches('body, [hidden] *')) this.#isHeadingLate = !focusHeading();
  }

  /**
   * A page that is loaded again, or gone back to, is lower than it was until its content is there. Whoever scrolls or
   * types meanwhile has another place in mind.
   */
  #scrollWhenHighEnough(): void {
    new ResizeObserver(() => this.scrollOn()).observe(document.body);
    for (const type of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
      addEventListener(type, () => this.#followPerson(), { passive: true });
    }
  }

  #followPerson(): void {
    this.#wantedScroll = null;
    this.#isHeadingLate = false;
  }

  /** Scrolls as far towards the wanted place as the page is high. Lists load more of themselves at their end. */
  scrollOn(): void {
    if (this.#wantedScroll === null) return;
    scrollTo(0, this.#wantedScroll);
    const { scrollHeight } = document.documentElement;
    if (this.#wantedScroll + innerHeight <= scrollHeight + 1) this.#wantedScroll = null;
  }

  #readLocation(): void {
    this.path = location.pathname;
    this.queryString = location.search;
    this.state = readEntryState();
  }

  /** Follows a link that was clicked without a modifier key. Its `data-search` goes into the history entry. */
  #followLink(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || !isInternal(link)) return;
    event.preventDefault();
    void this.go(link.pathname + link.search, { state: this.#describeOrigin(link) });
  }

  /** For a picture: where it was opened. It may lead to a similar one, and both lead back to the same page. */
  #describeOrigin(link: HTMLAnchorElement): EntryState {
    const { search } = link.dataset;
    const origin = search === undefined ? {} : { search };
    if (parseRoute(link.pathname).name !== 'picture') return origin;
    if (this.route.name !== 'picture' || this.state.search !== search) return { ...origin, depth: 1 };
    return this.state.depth === undefined ? origin : { ...origin, depth: this.state.depth + 1 };
  }
}

/** Whether the router follows this link. The API, pictures, downloads, anchors and new tabs are the browser's. */
function isInternal(link: HTMLAnchorElement): boolean {
  if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return false;
  return link.hash === '' && !/^\/(api|i)\//.test(link.pathname);
}

function readEntryState(): EntryState {
  return (history.state as EntryState | null) ?? {};
}

/** Puts the focus on the heading of the visible page, where a screen reader begins to read; false when it has none. */
export function focusHeading(): boolean {
  const heading = document.querySelector<HTMLElement>('[data-page]:not([hidden]) h1');
  heading?.focus({ preventScroll: true });
  return heading !== null;
}

export const router = new Router();
