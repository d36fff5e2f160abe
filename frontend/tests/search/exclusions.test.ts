// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import type { ImagePage, ImageQuery } from '../../src/api/types';
import { findRemovableExclusions, listExclusions } from '../../src/search/exclusions';
import { parseParams } from '../../src/search/params';
import { createImage } from '../fixtures';

const { signal } = new AbortController();

/** An API in which the queries of `known` have a picture. */
function createApi(known: readonly string[]) {
  const searchImages = vi.fn(({ q = '' }: ImageQuery): Promise<ImagePage> => {
    if (q === 'failing') return Promise.reject(new Error('no answer'));
    return Promise.resolve({ images: known.includes(q) ? [createImage('A')] : [], next: null });
  });
  return { searchImages };
}

async function findRemovable(q: string, known: readonly string[]): Promise<[label: string, q: string][]> {
  const found = await findRemovableExclusions(
    createApi(known),
    parseParams(`?q=${encodeURIComponent(q)}`),
    signal,
  );
  return found.map(({ label, params }) => [label, params.q]);
}

it('lists what a query leaves out', () => {
  expect(listExclusions('hikers -dune well-known -"red boat" -#sea -by:ann - --')).toEqual([
    '-dune',
    '-"red boat"',
    '-#sea',
    '-by:ann',
  ]);
});

it('names each exclusion without which there are pictures', async () => {
  expect(await findRemovable('hikers -dune', ['hikers'])).toEqual([['-dune', 'hikers']]);
  expect(await findRemovable('hikers -dune -"red sand"', ['hikers -dune'])).toEqual([
    ['-"red sand"', 'hikers -dune'],
  ]);
});

it('names all of them where none alone is enough', async () => {
  expect(await findRemovable('hikers -dune -sand', ['hikers'])).toEqual([['-dune -sand', 'hikers']]);
});

it('names none where there is nothing without them, or nothing else is asked for', async () => {
  expect(await findRemovable('hikers -dune', [])).toEqual([]);
  expect(await findRemovable('-dune', [''])).toEqual([]);
  expect(await findRemovable('failing -dune', ['failing'])).toEqual([]);
});

it('asks with the filters of the search, for one picture', async () => {
  const api = createApi([]);
  await findRemovableExclusions(api, parseParams('?q=hikers+-dune&color=red'), signal);
  expect(api.searchImages.mock.calls.map(([query]) => query)).toEqual([
    expect.objectContaining({ q: 'hikers', color: 'red', limit: 1 }),
  ]);
});
