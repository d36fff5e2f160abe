// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import type { ImagePage, ImageQuery } from '../../src/api/types';
import { EMPTY_PARAMS, parseParams } from '../../src/search/params';
import { findRelatedRows } from '../../src/search/related-rows';
import { createImage } from '../fixtures';

const { signal } = new AbortController();

const pictures = (...ids: number[]) => ids.map((id) => createImage(String(id)));
const library = (answers: Readonly<Record<string, Partial<ImagePage>>>) =>
  vi.fn(async ({ q = '' }: ImageQuery, _signal?: AbortSignal): Promise<ImagePage> => ({
    images: [],
    next: null,
    ...answers[q],
  }));

it('has a row for each of the first four searches, in the order of the search', async () => {
  const one = { images: pictures(1) };
  const searchImages = library({ bird: one, pet: one, cat: one, dog: one, cow: one });
  const params = parseParams('?q=animal&sort=newest');
  const queries = ['bird', 'pet', 'cat', 'dog', 'cow'];
  const rows = await findRelatedRows({ searchImages }, params, queries, pictures(8, 9), signal);
  expect(rows.map(({ label }) => label)).toEqual(['bird', 'pet', 'cat', 'dog']);
  expect(rows[0]?.params).toEqual({ ...EMPTY_PARAMS, q: 'bird', sort: 'newest' });
  expect(searchImages).toHaveBeenCalledTimes(4);
  // As many more as there are results, which may be among them.
  expect(searchImages.mock.calls[0]).toEqual([{ q: 'bird', limit: 10 }, signal]);
});

it('leaves out the results and rows that have no other pictures, and counts all that a search finds', async () => {
  const searchImages = library({
    bird: { images: pictures(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), next: 'more', count: 40 },
    pet: { images: pictures(2, 1) },
    cat: { images: pictures(2, 11) },
  });
  const queries = ['bird', 'pet', 'cat'];
  const rows = await findRelatedRows({ searchImages }, EMPTY_PARAMS, queries, pictures(1, 2), signal);
  expect(rows.map(({ label, images }) => [label, ...images.map(({ id }) => id)])).toEqual([
    ['bird', '3', '4', '5', '6', '7', '8', '9', '10'],
    ['cat', '11'],
  ]);
  expect(rows.map(({ found }) => found)).toEqual([
    { shown: 10, isAll: false, count: 40 },
    { shown: 2, isAll: true, count: null },
  ]);
});

it('shows nothing of what the API has read otherwise, or has no answer to', async () => {
  const images = pictures(3);
  const searchImages = library({
    'wild brid': { images, corrected: 'wild bird' },
    'wild pet': { images, relaxed: true },
    'wild kitten': { images, related: { kitten: ['cat'] } },
  });
  searchImages.mockRejectedValueOnce(new TypeError());
  const queries = ['wild dog', 'wild brid', 'wild pet', 'wild kitten'];
  expect(await findRelatedRows({ searchImages }, EMPTY_PARAMS, queries, [], signal)).toEqual([]);
});
