// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import type { ImagePage, ImageQuery } from '../../src/api/types';
import { parseParams } from '../../src/search/params';
import { describeRelatedCount, findRelatedPictures } from '../../src/search/related-pictures';
import { createImage } from '../fixtures';

const { signal } = new AbortController();

const PARAMS = parseParams('?q=animal&sort=newest');
const RELATED = { animal: ['bird', 'dog'] };
const createImages = (...ids: number[]) => ids.map((id) => createImage(String(id)));
const answer = (page: Partial<ImagePage>) =>
  vi.fn(async (_query: ImageQuery, _signal?: AbortSignal): Promise<ImagePage> => ({
    images: createImages(1, 2, 3),
    next: null,
    ...page,
  }));

it('has the best pictures of one search for the words and related ones, without the results', async () => {
  const searchImages = answer({ related: RELATED });
  const found = await findRelatedPictures({ searchImages }, PARAMS, 'related', createImages(2), signal);
  expect(found).toEqual({ images: createImages(1, 3), words: RELATED, isAll: true, isCompleted: false });
  expect(searchImages).toHaveBeenCalledExactlyOnceWith(
    { q: 'animal', expand: 'related', sort: 'relevance', limit: 50 },
    signal,
  );
});

it('has pictures of words that begin with the last one', async () => {
  const words = { flow: ['flower'] };
  const searchImages = answer({ related: words });
  const params = parseParams('?q=flow');
  const found = await findRelatedPictures({ searchImages }, params, 'completions', createImages(2), signal);
  expect(found).toEqual({ images: createImages(1, 3), words, isAll: true, isCompleted: true });
  expect(searchImages.mock.calls[0]?.[0].expand).toBe('completions');
});

it('says of many pictures that there are more', async () => {
  const found = await findRelatedPictures(
    { searchImages: answer({ related: RELATED, next: 'more' }) },
    PARAMS,
    'related',
    createImages(2),
    signal,
  );
  expect(found?.isAll).toBe(false);
});

it.each<[string, Partial<ImagePage>]>([
  ['no others', { related: RELATED, images: createImages(1, 2) }],
  ['none at all', { related: RELATED, images: [] }],
  ['no related words', {}],
  ['pictures of other words', { related: RELATED, corrected: 'animals' }],
  ['pictures of a part', { related: RELATED, relaxed: true }],
])('has nothing where there are %s', async (_, page) => {
  expect(
    await findRelatedPictures({ searchImages: answer(page) }, PARAMS, 'related', createImages(1, 2), signal),
  ).toBeNull();
});

it('has nothing where there is no answer', async () => {
  const searchImages = answer({});
  searchImages.mockRejectedValueOnce(new TypeError());
  expect(await findRelatedPictures({ searchImages }, PARAMS, 'related', [], signal)).toBeNull();
});

it.each([
  [2, 22, true, '2 pictures and 22 related'],
  [1, 1, true, '1 picture and 1 related'],
  [2, 48, false, '2 pictures and more than 48 related'],
])('counts %i pictures, and %i related ones (all: %s)', (shown, count, isAll, expected) => {
  const images = Array.from({ length: count }, (_, index) => createImage(`${index}`));
  expect(describeRelatedCount(shown, { images, words: RELATED, isAll, isCompleted: false })).toBe(expected);
});
