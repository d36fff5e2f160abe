// @vitest-environment happy-dom
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Image, ImagePage } from '../src/api/types';
import { api } from '../src/app/api';
import { latestUpload } from '../src/search/page-query';
import { parseAddress } from '../src/search/params';
import { results } from '../src/search/results.svelte';
import { createImage } from './fixtures';

// The script asks as soon as it is there: at this address, for nothing.
history.replaceState(null, '', '/upload');
const { askEarly, startWaitingScript } = await import('../src/early');

const asked: string[] = [];

beforeEach(() => {
  asked.length = 0;
  results.invalidate();
  latestUpload.forget();
  sessionStorage.clear();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Opens an address of the page, whose API has these pictures. */
function open(address: string, images: readonly Image[] = [], more: Partial<ImagePage> = {}): void {
  history.replaceState(null, '', address);
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path);
    const answer = path.startsWith('/api/images/') ? images[0] : { images, next: null, ...more };
    return Promise.resolve(Response.json(answer));
  });
}

/** The files that are fetched for no element of the document. */
function recordFiles(): HTMLImageElement[] {
  const files: HTMLImageElement[] = [];
  const create = document.createElement.bind(document);
  vi.spyOn(document, 'createElement').mockImplementation(((name: string) => {
    const element = create(name);
    if (element instanceof HTMLImageElement) files.push(element);
    return element;
  }) as typeof document.createElement);
  return files;
}

it.each([
  '/',
  '/?q=city',
  '/?q=%23city+lights&sort=newest',
  '/?tag=sun&tag=sea&tags=all&color=blue&from=2026-01-01&unknown=1',
  '/by/7?q=sea',
])('asks at %s what the page would ask, once', async (address) => {
  open(address);
  void askEarly(location);
  results.show(parseAddress(location.pathname, location.search));
  await vi.waitFor(() => expect(results.pager.state.name).toBe('end'));
  expect(asked).toHaveLength(1);
});

describe('the script in index.html', () => {
  const [, script = ''] = /<script>([^]*?)<\/script>/.exec(readFileSync('index.html', 'utf-8')) ?? [];

  function run(): string | undefined {
    Reflect.deleteProperty(window, 'early');
    new Function(script)();
    return window.early?.path;
  }

  it.each(['/', '/?q=city', '/?q=Two_words+2'])('asks at %s what the page would ask', async (address) => {
    open(address);
    const path = run();
    results.show(parseAddress(location.pathname, location.search));
    await vi.waitFor(() => expect(results.pager.state.name).toBe('end'));
    expect(path).toBeDefined();
    expect(asked).toEqual([path, path]);
  });

  it.each(['/?q=', '/?q=by%3Aann', '/?q=city&tag=sea', '/?tag=sea', '/by/7', '/p/A', '/upload'])(
    'asks nothing at %s',
    (address) => {
      open(address);
      expect(run()).toBeUndefined();
      expect(asked).toEqual([]);
    },
  );

  it('asks nothing once a private library has refused that', () => {
    sessionStorage.setItem('stockroom.private', 'yes');
    open('/');
    expect(run()).toBeUndefined();
  });

  it('asks nothing for two minutes after an upload, when the page asks for what is newer', () => {
    open('/');
    latestUpload.record('A');
    expect(run()).toBeUndefined();
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 120_000);
    expect(run()).toBe('/api/images?limit=50');
  });
});

it('shows the pictures of the first screen, the largest one first', async () => {
  const shapes = [[1000, 1500], [1500, 1000], [1500, 1000], ...Array.from({ length: 9 }, () => [1600, 900])];
  const images = shapes.map(([width = 0, height = 0], index) => ({
    ...createImage(`P${index}`),
    width,
    height,
  }));
  vi.spyOn(document.documentElement, 'clientWidth', 'get').mockReturnValue(390);
  vi.spyOn(HTMLImageElement.prototype, 'decode').mockReturnValue(new Promise(() => undefined));
  open('/', images);
  void askEarly(location);
  await vi.waitFor(() => expect(document.querySelector('.first-tiles')).not.toBeNull());
  const places = document.querySelectorAll('.first-tiles picture');
  expect(places.length).toBeGreaterThan(2);
  expect(places.length).toBeLessThan(images.length);
  const [file, ...others] = document.querySelectorAll<HTMLImageElement>('.first-tiles img');
  expect(others).toEqual([]);
  // In the small rendition, with which the page begins.
  expect(file?.src).toContain('/i/P2/');
  expect(file?.src).toContain('240p');
  document.querySelector('.first-tiles')?.remove();
});

it.each([
  ['/', ['sea'], 'first-tiles below-shelves'],
  ['/', [], 'first-tiles'],
  ['/?q=city', ['sea'], 'first-tiles'],
  ['/?q=city&color=red', ['sea'], 'first-tiles below-filters'],
])('leaves room for what the page has above its grid: %s %j', async (address, tags, name) => {
  vi.spyOn(HTMLImageElement.prototype, 'decode').mockReturnValue(new Promise(() => undefined));
  open(address, [{ ...createImage('A'), tags }]);
  void askEarly(location);
  await vi.waitFor(() => expect(document.querySelector('.first-tiles')).not.toBeNull());
  const layer = document.querySelector('.first-tiles');
  expect(layer?.className).toBe(name);
  layer?.remove();
});

it('shows nothing to whoever comes back to a place further down', async () => {
  open('/', [createImage('A')]);
  history.replaceState({ scroll: 600 }, '');
  await askEarly(location);
  expect(document.querySelector('.first-tiles')).toBeNull();
  history.replaceState(null, '');
});

it('shows nothing where the page says above the pictures how it has come to them', async () => {
  open('/?q=animal', [createImage('A')], { related: { animal: ['bird'] } });
  await askEarly(location);
  expect(document.querySelector('.first-tiles')).toBeNull();
});

it('shows nothing where there are no pictures', async () => {
  open('/');
  await askEarly(location);
  expect(document.querySelector('.first-tiles')).toBeNull();
});

describe('the script of a page that has a picture', () => {
  const page =
    '<div class="first-picture"><img /></div><script type="module" data-src="/assets/index.js"></script>';

  async function start(): Promise<() => string | null | undefined> {
    // No file is loaded here: the script stays out of the document.
    const replaceWith = vi.spyOn(HTMLScriptElement.prototype, 'replaceWith').mockReturnValue();
    void startWaitingScript();
    await vi.advanceTimersByTimeAsync(0);
    return () => (replaceWith.mock.calls[0]?.[0] as HTMLScriptElement | undefined)?.getAttribute('src');
  }

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    document.body.innerHTML = page;
  });
  afterEach(() => {
    vi.useRealTimers();
    document.body.innerHTML = '';
  });

  it.each(['resolve', 'reject'] as const)('waits for the picture: %s', async (end) => {
    const picture = document.querySelector('img') as HTMLImageElement;
    const ends: Record<string, () => void> = {};
    vi.spyOn(picture, 'decode').mockReturnValue(
      new Promise((resolve, reject) => Object.assign(ends, { resolve, reject })),
    );
    const getAddress = await start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(getAddress()).toBeUndefined();
    ends[end]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(getAddress()).toBe('/assets/index.js');
  });

  it('waits for a second and a half at most', async () => {
    vi.spyOn(HTMLImageElement.prototype, 'decode').mockReturnValue(new Promise(() => undefined));
    const getAddress = await start();
    await vi.advanceTimersByTimeAsync(1500);
    expect(getAddress()).toBe('/assets/index.js');
  });

  it('waits for nothing where no picture is', async () => {
    document.querySelector('.first-picture')?.remove();
    expect((await start())()).toBe('/assets/index.js');
  });

  it('is started when the page comes later than the early script', async () => {
    const readyState = vi.spyOn(document, 'readyState', 'get').mockReturnValue('loading');
    document.body.innerHTML = '';
    const getAddress = await start();
    document.body.innerHTML = page;
    document.querySelector('.first-picture')?.remove();
    readyState.mockReturnValue('interactive');
    document.dispatchEvent(new Event('DOMContentLoaded'));
    await vi.advanceTimersByTimeAsync(0);
    expect(getAddress()).toBe('/assets/index.js');
  });

  it('is left alone where it does not wait', async () => {
    document.body.innerHTML = '<script type="module" id="page-script"></script>';
    expect((await start())()).toBeUndefined();
  });
});

it('fetches the picture whose own page this is', async () => {
  open('/p/A', [createImage('A')]);
  const files = recordFiles();
  void askEarly(location);
  await vi.waitFor(() => expect(files).toHaveLength(1));
  expect(files[0]?.src).toContain('720p');
  expect((await api.getImage('A')).id).toBe('A');
  expect(asked).toEqual(['/api/images/A']);
});

it('asks nothing without a token once a private library has refused that', async () => {
  sessionStorage.setItem('stockroom.private', 'yes');
  open('/?q=city');
  await askEarly(location);
  expect(asked).toEqual([]);
});

it.each(['/upload', '/signin', '/nowhere', '/#token=a.b.c'])('asks nothing at %s', async (address) => {
  open(address);
  await askEarly(location);
  expect(asked).toEqual([]);
});
