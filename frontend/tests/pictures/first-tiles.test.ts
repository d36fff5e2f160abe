// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { computeLayout, chooseOptions } from '../../src/pictures/justified-layout';
import { showFirstTiles } from '../../src/pictures/first-tiles';
import { createImage } from '../fixtures';

const images = ['A', 'B', 'C'].map((id) => ({ ...createImage(id), width: 1500, height: 1000 }));
const { tiles } = computeLayout(images, chooseOptions(390));

/** What settles the files that are being fetched, by the ids of their pictures. */
let loads: Map<string, { succeed: () => void; fail: () => void }>;

beforeEach(() => {
  vi.useFakeTimers();
  history.replaceState(null, '', '/');
  document.body.innerHTML = '<div id="app"></div>';
  loads = new Map();
  vi.spyOn(HTMLImageElement.prototype, 'decode').mockImplementation(function (this: HTMLImageElement) {
    const id = this.src.split('/').at(-3) ?? '';
    return new Promise<void>((succeed, fail) => loads.set(id, { succeed, fail }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.innerHTML = '';
});

function findLayer(): HTMLElement | null {
  return document.querySelector('.first-tiles');
}

function getApp(): Element {
  return document.querySelector('#app') as Element;
}

/** The grid of the page, `y` pixels below the layer's own place. */
function addGrid(y: number): void {
  getApp().innerHTML = '<ul><li><a data-picture-id="A"><img loading="eager" /></a></li></ul>';
  const grid = getApp().querySelector('ul') as Element;
  const layer = findLayer() as Element;
  vi.spyOn(grid, 'getClientRects').mockReturnValue([{}] as unknown as DOMRectList);
  vi.spyOn(grid, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 300 + y));
  vi.spyOn(layer, 'getBoundingClientRect').mockImplementation(() => {
    const moved = Number.parseFloat((layer as HTMLElement).style.translate.split(' ')[1] ?? '0');
    return new DOMRect(0, 300 + moved);
  });
}

it('fetches the largest picture first, and the others once it is there', async () => {
  void showFirstTiles(images, tiles, 1, null);
  expect([...loads.keys()]).toEqual(['B']);
  expect(findLayer()?.children).toHaveLength(3);
  loads.get('B')?.succeed();
  await vi.advanceTimersByTimeAsync(0);
  expect([...loads.keys()]).toEqual(['B', 'A', 'C']);
});

it('is done once the largest picture is on the screen, or has failed', async () => {
  for (const end of ['succeed', 'fail'] as const) {
    const done = vi.fn();
    void showFirstTiles(images, tiles, 0, null).then(done);
    await vi.advanceTimersByTimeAsync(100);
    expect(done).not.toHaveBeenCalled();
    loads.get('A')?.[end]();
    await vi.advanceTimersByTimeAsync(100);
    expect(done).toHaveBeenCalledOnce();
    document.body.innerHTML = '<div id="app"></div>';
  }
});

it('shows nothing of a picture that cannot be loaded, of which the grid says so', async () => {
  void showFirstTiles(images, tiles, 0, null);
  loads.get('A')?.fail();
  await vi.advanceTimersByTimeAsync(0);
  expect(findLayer()?.children).toHaveLength(2);
});

it('stands below what the page has above its grid', () => {
  for (const [above, name] of [
    ['shelves', 'first-tiles below-shelves'],
    ['filters', 'first-tiles below-filters'],
    [null, 'first-tiles'],
  ] as const) {
    void showFirstTiles(images, tiles, 0, above);
    expect(findLayer()?.className).toBe(name);
    findLayer()?.remove();
  }
});

it('goes when the phone is turned', async () => {
  void showFirstTiles(images, tiles, 0, null);
  await vi.advanceTimersByTimeAsync(100);
  expect(findLayer()).not.toBeNull();
  vi.spyOn(window, 'innerWidth', 'get').mockReturnValue(innerWidth + 100);
  await vi.advanceTimersByTimeAsync(100);
  expect(findLayer()).toBeNull();
});

it('follows the grid to its place, and goes once the grid has faded its pictures in', async () => {
  void showFirstTiles(images, tiles, 0, null);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(findLayer()).not.toBeNull();
  addGrid(86);
  await vi.advanceTimersByTimeAsync(100);
  expect(findLayer()?.style.translate).toBe('0 86px');
  document.querySelector('#app img')?.setAttribute('data-loaded', 'true');
  await vi.advanceTimersByTimeAsync(300);
  expect(findLayer()).not.toBeNull();
  await vi.advanceTimersByTimeAsync(300);
  expect(findLayer()).toBeNull();
});

it('goes after three seconds when the search shows something else', async () => {
  void showFirstTiles(images, tiles, 0, null);
  getApp().innerHTML = '<p>No pictures found.</p>';
  await vi.advanceTimersByTimeAsync(2900);
  expect(findLayer()).not.toBeNull();
  await vi.advanceTimersByTimeAsync(200);
  expect(findLayer()).toBeNull();
});

it('goes at once when another page is shown, such as the one for signing in', async () => {
  void showFirstTiles(images, tiles, 0, null);
  await vi.advanceTimersByTimeAsync(100);
  expect(findLayer()).not.toBeNull();
  history.replaceState(null, '', '/signin');
  await vi.advanceTimersByTimeAsync(50);
  expect(findLayer()).toBeNull();
});

it('goes at once when the grid goes', async () => {
  void showFirstTiles(images, tiles, 0, null);
  addGrid(0);
  await vi.advanceTimersByTimeAsync(100);
  getApp().innerHTML = '<p>Another page</p>';
  await vi.advanceTimersByTimeAsync(50);
  expect(findLayer()).toBeNull();
});
