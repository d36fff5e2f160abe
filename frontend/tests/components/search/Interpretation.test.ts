// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import '../../resize';
import Interpretation from '../../../src/components/search/Interpretation.svelte';
import { createImage } from '../../fixtures';
import { api } from '../../../src/app/api';
import { results } from '../../../src/search/results.svelte';
import { searching } from '../../../src/search/searching.svelte';

let component: ReturnType<typeof mount>;

afterEach(async () => {
  await unmount(component);
  searching.finishTyping();
  results.pager.correction = null;
  results.pager.isRelaxed = false;
  vi.restoreAllMocks();
});

const readText = (): string => document.body.textContent.replace(/\s+/g, ' ').trim();

it('says of a word that is being typed that it may be unfinished, and corrects it afterwards', () => {
  results.pager.correction = { query: 'waterf', correctedQuery: 'water' };
  searching.isTyping = true;
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe(
    'No pictures for “waterf” so far. Type on, or press Enter. These are results for water.',
  );
  searching.finishTyping();
  flushSync();
  expect(readText()).toBe('Nothing found for “waterf”; showing results for water.');
});

it('leads from pictures that match a part to searches for each part, as the API has read it', async () => {
  const searchImages = vi.spyOn(api, 'searchImages').mockImplementation(async ({ q }) => ({
    images: q === 'roofs' ? [createImage('1')] : [],
    next: null,
  }));
  results.pager.correction = { query: 'snwoy rofs', correctedQuery: 'snowy roofs' };
  results.pager.isRelaxed = true;
  component = mount(Interpretation, { target: document.body });
  await vi.waitFor(() => expect(document.querySelector('ul a')?.getAttribute('href')).toBe('/?q=roofs'));
  expect(readText()).toBe(
    'Nothing found for “snwoy rofs”; showing results for snowy roofs. ' +
      'Nothing matches all of “snowy roofs” These pictures match a part. ' +
      'roofs · 1 picture No picture has “snowy”.',
  );
  expect(searchImages).toHaveBeenCalledTimes(2);
});
