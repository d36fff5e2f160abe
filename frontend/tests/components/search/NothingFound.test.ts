// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { api } from '../../../src/app/api';
import NothingFound from '../../../src/components/search/NothingFound.svelte';
// Loaded on demand, which a test of what it does not do would not wait for.
import '../../../src/components/search/ResultsEnd.svelte';
import { listActiveFilters } from '../../../src/search/filters';
import { EMPTY_PARAMS, parseParams } from '../../../src/search/params';
import { results } from '../../../src/search/results.svelte';
import { searching } from '../../../src/search/searching.svelte';
import { createImage } from '../../fixtures';

let component: ReturnType<typeof mount>;

beforeEach(() => {
  vi.spyOn(api, 'searchImages').mockResolvedValue({ images: [], next: null });
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('There is no network.'));
});
afterEach(async () => {
  await unmount(component);
  searching.finishTyping();
  results.params = EMPTY_PARAMS;
  vi.restoreAllMocks();
});

async function show(address: string): Promise<void> {
  results.params = parseParams(address);
  const hasFilters = listActiveFilters(results.params).length > 0;
  const props = { popularTags: [], hasFilters, isOwnerUnknown: false, onclear: () => undefined };
  component = mount(NothingFound, { target: document.body, props });
  flushSync();
  await new Promise((resolve) => setTimeout(resolve, 20));
  flushSync();
}

it('calls words a filter that no picture of the library has', async () => {
  await show('?q=landscape');
  expect(document.querySelector('h2')?.textContent).toBe('“landscape” is a filter here');
  expect(document.body.textContent).toContain('No picture has “landscape” in its words.');
});

it.each(['owner=id:7', 'taken=2016', 'tag=norway'])(
  'does not say that no picture has these words where only those of %s were searched',
  async (narrowed) => {
    await show(`?q=landscape&${narrowed}`);
    expect(document.querySelector('h2')?.textContent).not.toContain('is a filter here');
    expect(document.body.textContent).not.toContain('in its words');
    expect(document.querySelector('[aria-label="Filters"] a')?.textContent).toMatch(/landscape/i);
  },
);

it('leads from a contributor to the whole library, also with words that are a filter', async () => {
  await show('?q=landscape&owner=id:7');
  const links = [...document.querySelectorAll('a.whole')].map((link) => link.getAttribute('href'));
  expect(links).toEqual(['/?q=landscape']);
});

it.each([
  ['war', true, 1],
  ['war', false, 0],
  ['wa', true, 0],
  ['war&color=red', true, 0],
])('shows pictures of longer words than “%s” while somebody types (%s)', async (query, isTyping, count) => {
  searching.isTyping = isTyping;
  const answer = { images: [createImage('1')], next: null, related: { war: ['warm'] } };
  const searchImages = vi.spyOn(api, 'searchImages').mockResolvedValue(answer);
  await show(`?q=${query}`);
  const countAsked = () =>
    searchImages.mock.calls.filter(([asked]) => asked?.expand === 'completions').length;
  await vi.waitFor(() => expect(countAsked()).toBe(count));
  const getText = () => {
    flushSync();
    return document.body.textContent.replace(/\s+/g, ' ');
  };
  const longer = 'so far. Type on, or press Enter. Words that begin like this With warm';
  if (count > 0) await vi.waitFor(() => expect(getText()).toContain(longer));
  else expect(getText()).not.toContain('Words that begin like this');
});
