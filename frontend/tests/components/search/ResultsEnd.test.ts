// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import '../../resize';
import ResultsEnd from '../../../src/components/search/ResultsEnd.svelte';
import { createImage } from '../../fixtures';
import type { ImagePage } from '../../../src/api/types';
import { api } from '../../../src/app/api';
import { EMPTY_PARAMS, parseParams } from '../../../src/search/params';
import { results } from '../../../src/search/results.svelte';
import { searching } from '../../../src/search/searching.svelte';

let component: ReturnType<typeof mount>;

afterEach(async () => {
  await unmount(component);
  searching.finishTyping();
  results.pager.forget();
  results.params = EMPTY_PARAMS;
  vi.restoreAllMocks();
});

const createImages = (count: number) => Array.from({ length: count }, (_, index) => createImage(`${index}`));
const readText = (): string => document.body.textContent.replace(/\s+/g, ' ').trim();

/** Shows the end of so many results of a search, to which the API has this answer with related words. */
function show(count: number, answer: Partial<ImagePage> = {}, address = '?q=Animal') {
  const searchImages = vi.spyOn(api, 'searchImages').mockResolvedValue({
    images: [createImage('0'), createImage('other')],
    next: null,
    related: { animal: ['bird', 'dog'] },
    ...answer,
  });
  results.params = parseParams(address);
  results.pager.images = createImages(count);
  component = mount(ResultsEnd, { target: document.body, props: { maxRanked: null } });
  return searchImages;
}

it('shows related pictures below few results, and does not say that these are all', async () => {
  const searchImages = show(11);
  expect(readText()).toBe('');
  await vi.waitFor(() => expect(readText()).toMatch(/^Related pictures With bird and dog/));
  expect(searchImages).toHaveBeenCalledOnce();
  expect(readText()).not.toContain('That is all');
  expect(readText()).not.toContain('Show all');
  expect(results.countLabel).toBe('11 pictures and 1 related');
  const links = [...document.querySelectorAll('p a')].map((link) => link.getAttribute('href'));
  expect(links).toEqual(['/?q=bird', '/?q=dog']);
  results.pager.images = createImages(12);
  flushSync();
  expect(results.countLabel).toBe('');
});

it('leads to all of them where there are more', async () => {
  show(2, { next: 'more' }, '?q=Animal&sort=newest');
  await vi.waitFor(() => expect(readText()).toContain('Show all'));
  expect(results.countLabel).toBe('2 pictures and more than 1 related');
  const link = [...document.querySelectorAll('a')].at(-1);
  expect(link?.getAttribute('href')).toBe('/?expand=related&q=Animal&sort=newest');
});

it('says that these are all where there are no related ones', async () => {
  show(2, { images: createImages(2) });
  await vi.waitFor(() => expect(readText()).toBe('That is all: 2 pictures.'));
  expect(results.countLabel).toBe('');
});

it.each([
  ['many results', 12, '?q=animal'],
  ['results with filters', 2, '?q=animal&color=red'],
  ['results that have them already', 2, '?q=animal&expand=related'],
])('asks for none below %s', async (_, count, address) => {
  const searchImages = show(count, {}, address);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(readText()).toBe(`That is all: ${count} pictures.`);
  expect(searchImages).not.toHaveBeenCalled();
});

it('shows pictures of longer words while somebody types, and then related ones', async () => {
  searching.isTyping = true;
  const searchImages = show(2, { related: { flow: ['flower'] }, next: 'more' }, '?q=flow');
  expect(results.countLabel).toBe('');
  await vi.waitFor(() => expect(readText()).toMatch(/^Words that begin like this With flower/));
  expect(searchImages.mock.calls.map(([query]) => query?.expand)).toEqual(['completions']);
  expect(results.countLabel).toBe('');
  expect(readText()).not.toContain('Show all');
  searching.finishTyping();
  await vi.waitFor(() => expect(readText()).toMatch(/^Related pictures/));
  expect(searchImages.mock.calls.map(([query]) => query?.expand)).toEqual(['completions', 'related']);
});

it.each([null, { related: { flow: ['stream'] }, relaxed: false, query: 'flow' }])(
  'keeps pictures of longer words where they are for whoever leaves the field for one of them: %o',
  async (reading) => {
    searching.isTyping = true;
    results.pager.reading = reading;
    const searchImages = show(2, { related: { flow: ['flower'] } }, '?q=flow');
    await vi.waitFor(() => expect(readText()).toMatch(/^Words that begin like this With flower/));
    const link = document.querySelector('p a');
    const field = document.body.appendChild(document.createElement('input'));
    field.addEventListener('blur', () => searching.finishTyping());
    field.focus();
    field.blur();
    field.remove();
    expect(searching.isTyping).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(document.contains(link)).toBe(true);
    expect(searchImages).toHaveBeenCalledOnce();
    results.pager.images = createImages(1);
    flushSync();
    expect(document.contains(link)).toBe(false);
  },
);

it.each([
  [{ related: { hund: ['dog'] }, relaxed: false, query: 'hund' }, 1],
  [{ related: { hund: ['dog'] }, relaxed: true, query: 'hund' }, 0],
  [{ corrected: 'flow', relaxed: false, query: 'flwo' }, 0],
])('asks for longer words below what a word means that is being typed: %o', async (reading, count) => {
  searching.isTyping = true;
  results.pager.reading = reading;
  const searchImages = show(2, { related: { hund: ['hundred'] } }, '?q=hund');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(searchImages).toHaveBeenCalledTimes(count);
});

it.each(['?q=fl', '?q=red+fl', '?q=red+fl+', '?q=東京タワー', '?q=red+서울에서'])(
  'asks for no longer words of two letters, or of a script without spaces: %s',
  async (address) => {
    searching.isTyping = true;
    const searchImages = show(2, {}, address);
    expect(readText()).toBe('That is all: 2 pictures.');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(searchImages).not.toHaveBeenCalled();
  },
);

it('keeps pictures of longer words for whoever presses Enter where there are no related ones', async () => {
  searching.isTyping = true;
  const searchImages = show(2, {}, '?q=flow');
  searchImages.mockImplementation((query) =>
    Promise.resolve({
      images: [createImage('other')],
      next: null,
      ...(query?.expand === 'completions' && { related: { flow: ['flower'] } }),
    }),
  );
  await vi.waitFor(() => expect(readText()).toMatch(/^Words that begin like this With flower/));
  searching.isTyping = false;
  flushSync();
  expect(readText()).toBe('');
  await vi.waitFor(() => expect(readText()).toMatch(/^Words that begin like this With flower/));
  expect(readText()).not.toContain('That is all');
  expect(results.countLabel).toBe('');
  expect(searchImages.mock.calls.map(([query]) => query?.expand)).toEqual([
    'completions',
    'related',
    'completions',
  ]);
});

it('says that these are all where no longer word is found', async () => {
  searching.isTyping = true;
  show(2, { images: createImages(2) }, '?q=flow');
  await vi.waitFor(() => expect(readText()).toBe('That is all: 2 pictures.'));
});
