// @vitest-environment happy-dom
import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import PictureGrid from '../../../src/components/picture/PictureGrid.svelte';
import { reveal } from '../../../src/pictures/reveal.svelte';
import type { Image } from '../../../src/api/types';
import { createImage } from '../../fixtures';

const WIDTH = 1000;
const SCREEN = 800;

/** Of the grid's top; below 0 somebody has scrolled. */
let top = 0;
let component: ReturnType<typeof mount> | undefined;
let target: HTMLElement;

beforeEach(() => {
  top = 100;
  const observer = { observe: () => undefined, disconnect: () => undefined };
  vi.stubGlobal(
    'ResizeObserver',
    vi.fn(function () {
      return observer;
    }),
  );
  vi.stubGlobal('innerHeight', SCREEN);
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(
    () => ({ top, width: WIDTH }) as DOMRect,
  );
  vi.spyOn(HTMLElement.prototype, 'getClientRects').mockImplementation(() => [{}] as unknown as DOMRectList);
  vi.spyOn(HTMLElement.prototype, 'scrollIntoView').mockImplementation(() => undefined);
});
afterEach(() => {
  if (component !== undefined) void unmount(component);
  component = undefined;
  target.remove();
  reveal.id = null;
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function createImages(count: number): Image[] {
  return Array.from({ length: count }, (_, index) => ({
    ...createImage(`P${index}`),
    width: 3000,
    height: 2000,
  }));
}

function show(count: number, props: { onselect?: (image: Image, event: Event) => void } = {}): void {
  showImages(createImages(count), props);
}

function showImages(
  images: readonly Image[],
  props: { onselect?: (image: Image, event: Event) => void } = {},
): void {
  target = document.createElement('div');
  document.body.append(target);
  component = mount(PictureGrid, { target, props: { images, search: '/', ...props } });
  flushSync();
  dispatchEvent(new Event('resize'));
  flushSync();
}

function scrollBy(pixels: number): void {
  top -= pixels;
  vi.stubGlobal('scrollY', 100 - top);
  dispatchEvent(new Event('scroll'));
  flushSync();
}

function listIds(): string[] {
  const links = [...target.querySelectorAll<HTMLElement>('[data-picture-id]')];
  return links.map((link) => link.dataset['pictureId'] ?? '');
}

function listTabStops(): string[] {
  const links = [...target.querySelectorAll<HTMLElement>('[data-picture-id][tabindex="0"]')];
  return links.map((link) => link.dataset['pictureId'] ?? '');
}

async function press(key: string): Promise<void> {
  document.activeElement?.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
  );
  await tick();
  await tick();
}

function getFocused(): string | undefined {
  return document.activeElement instanceof HTMLElement
    ? document.activeElement.dataset['pictureId']
    : undefined;
}

describe('PictureGrid', () => {
  it('has only the tiles near the screen in the document, wherever somebody is', () => {
    show(20_000);
    const atFirst = listIds();
    expect(atFirst[0]).toBe('P0');
    expect(atFirst.length).toBeLessThan(20);
    scrollBy(500_000);
    const later = listIds();
    expect(later.length).toBeLessThan(60);
    expect(later).not.toContain('P0');
    const place = target.querySelector('li')?.getAttribute('aria-posinset');
    expect(`P${Number(place) - 1}`).toBe(later[0]);
    expect(target.querySelector('li')?.getAttribute('aria-setsize')).toBe('20000');
  });

  it('calls no two tiles alike: photos of a series have one description', () => {
    showImages(createImages(4).map((image) => ({ ...image, description: 'Waves #sea' })));
    const files = [...target.querySelectorAll('img')];
    expect(files.map(({ alt }) => alt)).toEqual(['Waves', 'Waves (2)', 'Waves (3)', 'Waves (4)']);
  });

  it('loads the pictures on the screen at once, those of the first row first, and the others when they are near', () => {
    show(200);
    const files = [...target.querySelectorAll('img')];
    expect(files[0]?.getAttribute('loading')).toBe('eager');
    expect(files[0]?.getAttribute('fetchpriority')).toBe('high');
    expect(files.filter((file) => file.getAttribute('fetchpriority') === 'high').length).toBeLessThan(6);
    scrollBy(10);
    expect([...target.querySelectorAll('img')].at(-1)?.getAttribute('loading')).toBe('lazy');
  });

  it('is one stop of the Tab key, and arrows lead from tile to tile', async () => {
    show(100);
    expect(listTabStops()).toEqual(['P0']);
    target.querySelector<HTMLElement>('[data-picture-id="P0"]')?.focus();
    await press('ArrowRight');
    expect(getFocused()).toBe('P1');
    expect(listTabStops()).toEqual(['P1']);
    await press('End');
    const end = getFocused();
    await press('ArrowRight');
    await press('Home');
    expect(Number(getFocused()?.slice(1))).toBe(Number(end?.slice(1)) + 1);
    await press('ArrowUp');
    expect(getFocused()).toBe('P0');
  });

  it('keeps the tile that has the focus, however far somebody scrolls', async () => {
    show(2000);
    target.querySelector<HTMLElement>('[data-picture-id="P0"]')?.focus();
    scrollBy(50_000);
    expect(getFocused()).toBe('P0');
    await press('ArrowRight');
    expect(getFocused()).toBe('P1');
    expect(listIds()).toContain('P1');
  });

  it('gives the focus to a picture that was closed, which may be far away', async () => {
    show(2000);
    reveal.id = 'P1500';
    flushSync();
    await vi.waitFor(() => expect(getFocused()).toBe('P1500'));
    expect(reveal.id).toBeNull();
  });
});

describe('until the pictures of the first screen are there', () => {
  /** The tiles whose file may be a larger one than the small rendition. */
  function listSharp(): string[] {
    const files = [...target.querySelectorAll('img')].filter((img) => img.getAttribute('srcset') !== null);
    return files.map((img) => img.closest<HTMLElement>('[data-picture-id]')?.dataset['pictureId'] ?? '');
  }

  it('asks for all of them in the small rendition, and then for what the screen needs', () => {
    let isComplete = false;
    vi.spyOn(HTMLImageElement.prototype, 'complete', 'get').mockImplementation(() => isComplete);
    show(30);
    const files = [...target.querySelectorAll('img')];
    expect(files.map((file) => file.getAttribute('src'))).toEqual(
      listIds().map((id) => `/i/${id}/v1/240p.jpg`),
    );
    expect(listSharp()).toEqual([]);
    files[0]?.dispatchEvent(new Event('load'));
    flushSync();
    expect(listSharp()).toEqual([]);
    isComplete = true;
    for (const file of files) file.dispatchEvent(new Event('load'));
    flushSync();
    expect(listSharp()).toEqual(listIds());
    // The same elements, which go on showing the small rendition until the larger one is there.
    expect([...target.querySelectorAll('img')]).toEqual(files);
  });

  it.each(['it takes long', 'somebody scrolls'])(
    'asks for a larger one as soon as its own small one is there when %s',
    (reason) => {
      vi.useFakeTimers();
      vi.spyOn(HTMLImageElement.prototype, 'complete', 'get').mockReturnValue(false);
      show(30);
      const files = [...target.querySelectorAll('img')];
      files[0]?.dispatchEvent(new Event('load'));
      files[1]?.dispatchEvent(new Event('error'));
      flushSync();
      expect(listSharp()).toEqual([]);
      if (reason === 'it takes long') vi.advanceTimersByTime(3000);
      else scrollBy(10);
      flushSync();
      expect(listSharp()).toEqual(['P0', 'P1']);
      files[2]?.dispatchEvent(new Event('load'));
      flushSync();
      expect(listSharp()).toEqual(['P0', 'P1', 'P2']);
      vi.useRealTimers();
    },
  );

  /** The files of the first screen have come, 10 kB each, in so many ms. */
  function showOnLine(ms: number | null): void {
    vi.spyOn(HTMLImageElement.prototype, 'complete', 'get').mockReturnValue(true);
    const timing = {
      transferSize: ms === null ? 0 : 10_000,
      responseStart: 500,
      responseEnd: 500 + (ms ?? 0),
    };
    vi.spyOn(performance, 'getEntriesByName').mockReturnValue([timing as PerformanceResourceTiming]);
    show(300);
    for (const file of target.querySelectorAll('img')) file.dispatchEvent(new Event('load'));
    flushSync();
    expect(listSharp()).toEqual(listIds());
  }

  it('asks for the small ones of later screens on a slow line alone, and for larger ones after them', () => {
    showOnLine(1000);
    scrollBy(20_000);
    expect(listSharp()).toEqual([]);
    for (const file of target.querySelectorAll('img')) file.dispatchEvent(new Event('load'));
    flushSync();
    // Those that are near the screen come after those that are on it.
    const shown = listSharp();
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.length).toBeLessThan(listIds().length / 2);
    scrollBy(SCREEN);
    expect(listSharp().length).toBeGreaterThan(shown.length);
  });

  it('asks for larger ones at once on later screens of a fast line', () => {
    showOnLine(5);
    scrollBy(20_000);
    expect(listSharp()).toEqual(listIds());
  });

  it('does not know the line of files that a cache had', () => {
    showOnLine(null);
    scrollBy(30_000);
    expect(listSharp()).toEqual([]);
  });

  it('takes no harm from a picture that comes after it has gone', async () => {
    show(3);
    const picture = target.querySelector('img');
    const onerror = vi.fn((event: Event) => event.preventDefault());
    addEventListener('error', onerror);
    if (component !== undefined) await unmount(component);
    component = undefined;
    picture?.dispatchEvent(new Event('load'));
    removeEventListener('error', onerror);
    expect(picture).not.toBeNull();
    expect(onerror).not.toHaveBeenCalled();
  });
});
