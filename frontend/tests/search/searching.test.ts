// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../resize';
import { api } from '../../src/app/api';
import { router } from '../../src/app/router.svelte';
import { results } from '../../src/search/results.svelte';
import { searching } from '../../src/search/searching.svelte';

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

  it('waits for more letters of a word that has just begun', async () => {
    for (const text of ['s', ' se', '#se', 'red #se', 'mü', 'mu\u0308', 'ж', 'حل', 'ქა']) {
      searching.type(text);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(address()).toBe('/');
    // What stands before it says something already.
    for (const text of ['red f', 'red fl', 'red жу']) {
      searching.type(text);
      await vi.advanceTimersByTimeAsync(1000);
      expect([parseQuery(), searching.isTyping]).toEqual([text, true]);
    }
    // The first letter behind what has been searched for changes nothing, and the second one does.
    await router.go('/?q=red');
    searching.type('red o');
    await vi.advanceTimersByTimeAsync(1000);
    expect(parseQuery()).toBe('red');
    searching.type('red ox');
    await vi.advanceTimersByTimeAsync(1000);
    expect(parseQuery()).toBe('red ox');
    for (const text of ['海', 'red 海', 'も', '한', 'ไม', 'мир']) {
      searching.type(text);
      await vi.advanceTimersByTimeAsync(1000);
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
    // So do those of whoever leaves the field before they are searched for.
    searching.finishTyping();
    expect(searching.isAhead).toBe(false);
    expect(typeAhead('seals')).toBe(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(searching.isAhead).toBe(false);
    expect(typeAhead('seal')).toBe(true);
    searching.submit('seals');
    expect(searching.isAhead).toBe(false);
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
