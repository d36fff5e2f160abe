import { tick } from 'svelte';
import { routeOf, type Route } from './routes';

/** What one history entry remembers besides its address. */
interface EntryState {
  scroll?: number;
  /** Query string of the search from which a picture was opened. */
  search?: string;
}

/** A router on the history API: address in, route out, and where one had scrolled to. */
class Router {
  path = $state(location.pathname);
  search = $state(location.search);
  route = $derived<Route>(routeOf(this.path));
  state = $state.raw<EntryState>((history.state as EntryState | null) ?? {});

  constructor() {
    history.scrollRestoration = 'manual';
    addEventListener('popstate', () => void this.#arrived());
    addEventListener('click', (event) => this.#clicked(event));
    let settled = 0;
    addEventListener('scroll', () => {
      clearTimeout(settled);
      settled = window.setTimeout(() => this.remember(), 150);
    });
  }

  /** Goes to an address of this page. `keepScroll` for changes that are not a new page to a reader. */
  async go(
    address: string,
    options: { replace?: boolean; state?: EntryState; keepScroll?: boolean } = {},
  ): Promise<void> {
    const { replace = false, state = {}, keepScroll = false } = options;
    this.remember();
    if (replace) history.replaceState(state, '', address);
    else history.pushState(state, '', address);
    this.#read();
    if (keepScroll) return;
    await tick();
    scrollTo(0, 0);
    this.#focusHeading();
  }

  back(): void {
    history.back();
  }

  /** Keeps the scroll position with the entry that is about to be left. */
  remember(): void {
    const state = { ...(history.state as EntryState | null), scroll: scrollY };
    history.replaceState(state, '');
  }

  async #arrived(): Promise<void> {
    const scroll = (history.state as EntryState | null)?.scroll ?? 0;
    this.#read();
    await tick();
    scrollTo(0, scroll);
  }

  #read(): void {
    this.path = location.pathname;
    this.search = location.search;
    this.state = (history.state as EntryState | null) ?? {};
  }

  /** A new page to a reader begins at its heading. */
  #focusHeading(): void {
    document.querySelector<HTMLElement>('[data-page]:not([hidden]) h1')?.focus({ preventScroll: true });
  }

  #clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (
      link === null ||
      link.origin !== location.origin ||
      link.target !== '' ||
      link.hasAttribute('download')
    )
      return;
    if (link.hash !== '' || /^\/(api|i)\//.test(link.pathname)) return;
    event.preventDefault();
    void this.go(link.pathname + link.search);
  }
}

export const router = new Router();
