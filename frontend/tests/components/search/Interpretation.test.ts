// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import '../../resize';
import Interpretation from '../../../src/components/search/Interpretation.svelte';
import { createImage } from '../../fixtures';
import { api } from '../../../src/app/api';
import { EMPTY_PARAMS, parseParams } from '../../../src/search/params';
import { results } from '../../../src/search/results.svelte';
import { searching } from '../../../src/search/searching.svelte';

let component: ReturnType<typeof mount>;

afterEach(async () => {
  await unmount(component);
  searching.finishTyping();
  results.pager.reading = null;
  results.params = EMPTY_PARAMS;
  vi.restoreAllMocks();
});

const readText = (): string => document.body.textContent.replace(/\s+/g, ' ').trim();

it('says of a word that is being typed that it may be unfinished, and corrects it afterwards', () => {
  results.pager.reading = { query: 'waterf', corrected: 'water' };
  searching.isTyping = true;
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe(
    'No pictures for “waterf” so far. Type on, or press Enter. These are results for water.',
  );
  searching.finishTyping();
  flushSync();
  expect(readText()).toBe('Nothing found for “waterf”; showing results for water.');
});

it('says of a search whose last word has only begun that its pictures match a part', () => {
  const searchImages = vi.spyOn(api, 'searchImages').mockResolvedValue({ images: [], next: null });
  results.params = parseParams('?q=red+fl');
  results.pager.reading = { query: 'red fl', relaxed: true };
  searching.isTyping = true;
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe(
    'No pictures for “red fl” so far. Type on, or press Enter. These pictures match a part.',
  );
  expect(searchImages).not.toHaveBeenCalled();
  searching.finishTyping();
  flushSync();
  expect(document.querySelector('h2')?.textContent).toBe('Nothing matches all of “red fl”');
});

it('leads from pictures that match a part to searches for each part, as the API has read it', async () => {
  const searchImages = vi.spyOn(api, 'searchImages').mockImplementation(async ({ q }) => ({
    images: q === 'roofs' ? [createImage('1')] : [],
    next: null,
  }));
  results.pager.reading = { query: 'snwoy rofs', corrected: 'snowy roofs', relaxed: true };
  component = mount(Interpretation, { target: document.body });
  await vi.waitFor(() => expect(document.querySelector('ul a')?.getAttribute('href')).toBe('/?q=roofs'));
  expect(readText()).toBe(
    'Nothing found for “snwoy rofs”; showing results for snowy roofs. ' +
      'Nothing matches all of “snowy roofs” These pictures match a part. ' +
      'roofs · 1 picture No picture has “snowy”.',
  );
  expect(searchImages).toHaveBeenCalledTimes(2);
});

it('names people without the operator of the query language', () => {
  results.params = parseParams('?q=Anna');
  results.pager.reading = { query: 'Anna', corrected: 'by:anna' };
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe('These are pictures by people called “anna”.');
  expect(document.querySelector('a')?.getAttribute('href')).toBe('/?q=by%3Aanna');
});

it('offers the filter that was typed as words, where only a part is found', () => {
  vi.spyOn(api, 'searchImages').mockResolvedValue({ images: [], next: null });
  results.params = parseParams('?q=roofs+free+to+use');
  results.pager.reading = { query: 'roofs free to use', relaxed: true };
  component = mount(Interpretation, { target: document.body });
  const link = document.querySelector('ul[aria-label=Filters] a');
  expect(link?.textContent).toBe('Free to use');
  expect(link?.getAttribute('href')).toBe('/?license=free&q=roofs');
});

it.each([{ corrected: 'roof free' }, { related: { roofs: ['house'] } }])(
  'offers the filter that was typed as words, where other words than these were found: %o',
  (read) => {
    results.params = parseParams('?q=roofs+free');
    results.pager.reading = { query: 'roofs free', ...read };
    component = mount(Interpretation, { target: document.body });
    expect(document.querySelector('ul[aria-label=Filters] a')?.getAttribute('href')).toBe(
      '/?license=free&q=roofs',
    );
  },
);

it('names the words that a word was taken for, and leads to each of them with all the rest of the search', () => {
  const searchImages = vi.spyOn(api, 'searchImages');
  results.params = parseParams('?q=wild+Animal&color=red');
  results.pager.reading = { query: 'wild Animal', related: { animal: ['bird', 'dog', 'gull'] } };
  searching.isTyping = true;
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe(
    'No picture has “Animal” so far. Type on, or press Enter. These are pictures of bird, dog and gull.',
  );
  searching.finishTyping();
  flushSync();
  expect(readText()).toBe('No picture has “Animal”. These are pictures of bird, dog and gull.');
  expect([...document.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([
    '/?color=red&q=wild+bird',
    '/?color=red&q=wild+dog',
    '/?color=red&q=wild+gull',
  ]);
  expect(document.querySelector('.warn, h2')).toBeNull();
  // Nobody asks for the parts of a search of which there are pictures.
  expect(searchImages).not.toHaveBeenCalled();
});

it('does not say that no picture has a word which others begin with', () => {
  results.params = parseParams('?q=toy+Car');
  results.pager.reading = { query: 'toy Car', related: { car: ['carnation', 'cartoon'] } };
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe('No picture has “toy Car”. These are pictures of carnation and cartoon.');
  expect([...document.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([
    '/?q=toy+carnation',
    '/?q=toy+cartoon',
  ]);
});

it('says beside a corrected query what another of its words was taken for', () => {
  results.params = parseParams('?q=animal+baot');
  results.pager.reading = { query: 'animal baot', corrected: 'animal boat', related: { animal: ['bird'] } };
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe(
    'Nothing found for “animal baot”; showing results for animal boat. ' +
      'No picture has “animal”. These are pictures of bird.',
  );
  expect([...document.querySelectorAll('a')].at(-1)?.getAttribute('href')).toBe('/?q=bird+boat');
});

it('names the related words of a search that asks for them, and leads back to the one without', () => {
  results.params = parseParams('?q=wild+Animal&expand=related&sort=newest');
  results.pager.reading = {
    query: 'wild Animal',
    related: { wild: ['feral'], animal: ['bird', 'dog', 'gull'] },
  };
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe('With related words: feral · bird, dog and gull. Only “wild Animal”');
  expect([...document.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([
    '/?q=feral+Animal&sort=newest',
    '/?q=wild+bird&sort=newest',
    '/?q=wild+dog&sort=newest',
    '/?q=wild+gull&sort=newest',
    '/?q=wild+Animal&sort=newest',
  ]);
});
