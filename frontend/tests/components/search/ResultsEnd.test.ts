// @vitest-environment happy-dom
import { mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import '../../resize';
import ResultsEnd from '../../../src/components/search/ResultsEnd.svelte';
import { createImage } from '../../fixtures';
import { api } from '../../../src/app/api';
import { EMPTY_PARAMS, parseParams } from '../../../src/search/params';
import { relatedSearches } from '../../../src/search/related-searches.svelte';
import { results } from '../../../src/search/results.svelte';

let component: ReturnType<typeof mount>;

afterEach(async () => {
  await unmount(component);
  relatedSearches.load('');
  results.pager.forget();
  results.params = EMPTY_PARAMS;
  vi.restoreAllMocks();
});

const createImages = (count: number) => Array.from({ length: count }, (_, index) => createImage(`${index}`));
const readText = (): string => document.body.textContent.replace(/\s+/g, ' ').trim();

/** Shows the end of so many results of a search for “animal”. */
async function show(count: number) {
  vi.spyOn(api, 'listWords').mockResolvedValue([{ word: 'bird', count: 9 }]);
  const images = [createImage('other')];
  const searchImages = vi.spyOn(api, 'searchImages').mockResolvedValue({ images, next: null });
  results.params = parseParams('?q=animal');
  results.pager.images = createImages(count);
  relatedSearches.load('animal');
  await vi.waitFor(() => expect(relatedSearches.list('animal')).toEqual(['bird']));
  component = mount(ResultsEnd, { target: document.body, props: { maxRanked: null } });
  return searchImages;
}

it('shows related pictures below few results', async () => {
  const searchImages = await show(11);
  await vi.waitFor(() =>
    expect(readText()).toMatch(/^That is all: 11 pictures\. Related pictures bird · 1 picture/),
  );
  expect(searchImages).toHaveBeenCalledOnce();
  expect(document.querySelector('li a')?.getAttribute('data-search')).toBe('/?q=animal');
});

it('shows none below many results', async () => {
  const searchImages = await show(12);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(readText()).toBe('That is all: 12 pictures.');
  expect(searchImages).not.toHaveBeenCalled();
});
