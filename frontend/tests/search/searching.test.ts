// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../resize';
import { api } from '../../src/app/api';
import { router } from '../../src/app/router.svelte';
import { results } from '../../src/search/results.svelte';
import { searching } from '../../src/search/searching.svelte';
import { watch } from '../reactive.svelte';

/** What the header's place on the page is, of which the first row scrolls away. */
let firstRow: number;
const header = document.createElement('header');
Object.defineProperty(header, 'offsetTop', { get: () => Math.max(0, scrollY - firstRow) });

const address = (): string => location.pathname + location.search;

beforeEach(async () => {
  vi.spyOn(api, 'searchImages').mockResolvedValue({ images: [], next: null });
  searching.finishTyping();
  document.body.prepend(header);
  firstRow = 0;
  await router.go('/');
  vi.useFakeTimers();
});
afterEach(() => {
  header.remove();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('searching', () => {
  it('is one history entry however many letters are typed', async () => {
    const entries = history.length;
    for (const text of ['sea', 'seal', 'seal ']) {
      searching.type(text);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect([address(), searching.isTyping]).toEqual(['/?q=seal', true]);
    searching.submit('seals');
    expect([address(), searching.isTyping]).toEqual(['/?q=seals', false]);
    expect(history.length).toBe(entries + 1);
  });

  it('asks for related words of the same words alone', async () => {
    await router.go('/?q=seal&expand=related');
    searching.change({ color: 'red' });
    expect(address()).toBe('/?color=red&expand=related&q=seal');
    searching.clearFilters();
    expect(address()).toBe('/?expand=related&q=seal');
    searching.submit('seal ');
    expect(address()).toBe('/?expand=related&q=seal');
    searching.submit('gull');
    expect(address()).toBe('/?q=gull');
  });

  it('waits longer while more letters of a word are likely to come', async () => {
    for (const text of ['s', ' se', '#se', 'red #se', 'mü', 'mu\u0308', 'ж', 'حل', 'ქა']) {
      await router.go('/');
      searching.type(text);
      await vi.advanceTimersByTimeAsync(900);
      expect([address(), searching.isAhead]).toEqual(['/', true]);
      await vi.advanceTimersByTimeAsync(200);
      expect([parseQuery(), searching.isTyping, searching.isAhead]).toEqual([text.trim(), true, false]);
    }
    // What stands before it says something already.
    for (const text of ['red f', 'red fl', 'red жу']) {
      searching.type(text);
      await vi.advanceTimersByTimeAsync(400);
      expect([parseQuery(), searching.isTyping]).toEqual([text, true]);
    }
    // The first letter behind what has been searched for may be one of many, and the second one is searched for.
    await router.go('/?q=red');
    searching.type('red o');
    await vi.advanceTimersByTimeAsync(900);
    expect(parseQuery()).toBe('red');
    searching.type('red ox');
    await vi.advanceTimersByTimeAsync(400);
    expect(parseQuery()).toBe('red ox');
    for (const text of ['海', 'red 海', 'も', '한', 'ไม', 'мир']) {
      searching.type(text);
      await vi.advanceTimersByTimeAsync(400);
      expect(parseQuery()).toBe(text);
    }
  });

  it('is ahead of the pictures from the first other letter on, until these words are searched for', async () => {
    await router.go('/?q=seal');
    const typeAhead = (text: string): boolean => {
      searching.type(text);
      return searching.isAhead;
    };
    // Words that are typed back have their pictures.
    expect(['seals', 'seal', 's', 'seal ', 'seal b'].map(typeAhead)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    await vi.advanceTimersByTimeAsync(1100);
    expect([parseQuery(), searching.isAhead]).toEqual(['seal b', false]);
    expect(typeAhead('seals')).toBe(true);
    // These are the words of the search before, to which the page goes back.
    searching.submit('seal');
    await vi.advanceTimersByTimeAsync(0);
    expect([parseQuery(), searching.isAhead]).toEqual(['seal', false]);
  });

  it('searches for the words of whoever has left the field, as for whole ones', async () => {
    const entries = history.length;
    searching.type('seal');
    await vi.advanceTimersByTimeAsync(400);
    searching.type('se');
    searching.finishTyping();
    expect([parseQuery(), searching.isAhead]).toEqual(['seal', true]);
    await vi.advanceTimersByTimeAsync(1100);
    expect([parseQuery(), searching.isTyping, history.length]).toEqual(['se', false, entries + 1]);
    searching.type('sea');
    searching.finishTyping();
    searching.type('seal');
    await vi.advanceTimersByTimeAsync(400);
    expect([parseQuery(), searching.isTyping]).toEqual(['seal', true]);
    searching.finishTyping();
    expect(searching.isTyping).toBe(false);
  });

  it('takes words that have just been typed along with a filter, and leaves an opened picture alone', async () => {
    await router.go('/?expand=related&q=seal');
    searching.type('gull');
    searching.change({ color: 'red' });
    expect([address(), searching.isAhead]).toEqual(['/?color=red&q=gull', false]);
    searching.type('crow');
    searching.clearFilters();
    expect(address()).toBe('/?q=crow');
    searching.type('rook');
    await router.go('/picture/7');
    await vi.advanceTimersByTimeAsync(400);
    expect([address(), searching.isAhead]).toEqual(['/picture/7', false]);
    searching.submit('rook');
    expect(address()).toBe('/?q=rook');
  });

  it('is about no other search that somebody goes back to, and is over then', async () => {
    const goTo = (path: string): void => {
      history.replaceState({}, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    };
    await router.go('/?q=dog');
    await router.go('/?q=cat');
    searching.type('cat dove');
    goTo('/?q=dog');
    expect(searching.isAhead).toBe(false);
    // Nor is it when they come forward again.
    goTo('/?q=cat');
    expect(searching.isAhead).toBe(false);
    await vi.advanceTimersByTimeAsync(1100);
    expect([parseQuery(), searching.isTyping]).toEqual(['cat', false]);
    searching.type('cat dove');
    await vi.advanceTimersByTimeAsync(400);
    expect(searching.isTyping).toBe(true);
    goTo('/?q=cat');
    expect(searching.isTyping).toBe(false);
    // What is typed there is another entry.
    const entries = history.length;
    searching.type('cat owl');
    await vi.advanceTimersByTimeAsync(400);
    expect([parseQuery(), history.length]).toEqual(['cat owl', entries + 1]);
  });

  describe('while the page goes back, as the words were taken away', () => {
    let arrive: () => Promise<void>;
    const back = vi.fn<(entries: number) => Promise<void>>();

    beforeEach(async () => {
      await router.go('/?color=red');
      searching.type('seal');
      await vi.advanceTimersByTimeAsync(1000);
      vi.spyOn(router, 'back').mockImplementation(back);
      back.mockReset().mockImplementation(
        () =>
          new Promise<void>((resolve) => {
            arrive = async () => {
              history.replaceState({}, '', '/?color=red');
              dispatchEvent(new PopStateEvent('popstate'));
              resolve();
              await vi.advanceTimersByTimeAsync(0);
            };
          }),
      );
      searching.type('');
      await vi.advanceTimersByTimeAsync(400);
      expect(back.mock.calls).toEqual([[1]]);
      expect(searching.words).toBe('');
    });

    it('keeps what is typed, and searches for it then', async () => {
      searching.type('g');
      searching.type('gull');
      await vi.advanceTimersByTimeAsync(1000);
      expect([searching.words, parseQuery()]).toEqual(['gull', 'seal']);
      await arrive();
      expect([searching.words, address()]).toEqual(['gull', '/?color=red']);
      await vi.advanceTimersByTimeAsync(400);
      expect([address(), searching.isTyping]).toEqual(['/?color=red&q=gull', true]);
    });

    it('goes back no further at “Enter”, and searches for other words then', async () => {
      const repeat = vi.spyOn(results, 'repeat').mockImplementation(() => undefined);
      searching.submit('');
      await arrive();
      expect([address(), repeat.mock.calls, back.mock.calls.length]).toEqual(['/?color=red', [], 1]);
      searching.submit('gull');
      expect(address()).toBe('/?color=red&q=gull');
    });

    it('is ahead of the pictures no more once it is back', async () => {
      const read = watch(() => searching.isAhead);
      await arrive();
      expect([searching.isAhead, read().at(-1)]).toEqual([false, false]);
    });

    it('leaves what is typed in the field, also at the moment in which it is back', async () => {
      searching.type('gull');
      const read = watch(() => searching.words);
      await arrive();
      expect([...new Set(read())]).toEqual(['gull']);
    });

    it('goes on without the browser where that does not go back', async () => {
      searching.type('gull');
      await vi.advanceTimersByTimeAsync(3000);
      expect(parseQuery()).toBe('gull');
    });

    it('has the pictures of before, too, where the browser does not go back, and is not asked again', async () => {
      await vi.advanceTimersByTimeAsync(3000);
      expect([address(), searching.isAhead, back.mock.calls.length]).toEqual(['/?color=red', false, 1]);
    });

    it('leaves somebody where they have gone meanwhile, where the browser does not go back', async () => {
      await router.go('/?q=owl');
      await vi.advanceTimersByTimeAsync(3000);
      expect([address(), searching.words]).toEqual(['/?q=owl', 'owl']);
    });

    it('searches for words that are submitted, and with filters, once it is back', async () => {
      searching.type('gull');
      searching.change({ color: 'blue' });
      searching.finishTyping();
      expect(address()).toBe('/?color=red&q=seal');
      await arrive();
      expect([address(), searching.isTyping]).toEqual(['/?color=blue&q=gull', false]);
      searching.submit('crow');
      expect(address()).toBe('/?color=blue&q=crow');
    });
  });

  it('keeps filters and the contributor', async () => {
    await router.go('/by/7?color=red');
    searching.submit('sea');
    expect(address()).toBe('/by/7?color=red&q=sea');
    searching.change({ tag: ['sun'] });
    expect(address()).toBe('/by/7?color=red&q=sea&tag=sun');
    searching.clearFilters();
    expect(address()).toBe('/?q=sea');
  });

  it('leaves another page only for a whole query', async () => {
    await router.go('/upload');
    searching.type('seal');
    await vi.advanceTimersByTimeAsync(1000);
    expect(address()).toBe('/upload');
    searching.submit('seal');
    expect(address()).toBe('/?q=seal');
  });

  it('begins at the top for other words, and for whoever has scrolled past the beginning of the results', () => {
    const results = Object.assign(document.createElement('section'), { id: 'results' });
    document.body.append(results);
    const top = vi.spyOn(results, 'offsetTop', 'get').mockReturnValue(900);
    const scrollAfter = (act: () => void): number => {
      scrollTo(0, 500);
      act();
      return scrollY;
    };
    expect(scrollAfter(() => searching.change({ color: 'red' }))).toBe(500);
    expect(scrollAfter(() => searching.submit('sea'))).toBe(0);
    expect(scrollAfter(() => searching.submit('sea'))).toBe(0);
    expect(scrollAfter(() => searching.change({ color: 'red' }))).toBe(500);
    top.mockReturnValue(300);
    expect(scrollAfter(() => searching.change({ sort: 'newest' }))).toBe(0);
    results.remove();
  });

  it('leaves the header where it is, of which a phone shows the search box alone', () => {
    firstRow = 50;
    const places = [700, 30, 0].map((place) => {
      scrollTo(0, place);
      searching.submit(`sea ${place}`);
      return scrollY;
    });
    expect(places).toEqual([50, 30, 0]);
  });

  it('searches again for the same words, unless they have just been typed or there is no network', async () => {
    const repeat = vi.spyOn(results, 'repeat').mockImplementation(() => undefined);
    searching.type('seal');
    await vi.advanceTimersByTimeAsync(1000);
    searching.submit('seal');
    expect(repeat).not.toHaveBeenCalled();
    searching.submit('seal ');
    expect(repeat).toHaveBeenCalledOnce();
    // A key that is held down asks no second time.
    results.pager.state = { name: 'loading' };
    searching.submit('seal');
    expect(repeat).toHaveBeenCalledOnce();
    results.pager.state = { name: 'end' };
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    searching.submit('seal');
    expect(repeat).toHaveBeenCalledOnce();
  });

  it('repeats a search that has failed', () => {
    results.pager.state = { name: 'error', detail: 'down', status: 0, pointer: '' };
    const repeat = vi.spyOn(results, 'repeat').mockImplementation(() => undefined);
    searching.submit('');
    expect(repeat).toHaveBeenCalledOnce();
  });
});

function parseQuery(): string | null {
  return new URLSearchParams(location.search).get('q');
}
