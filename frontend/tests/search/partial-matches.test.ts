// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import type { ImagePage, ImageQuery } from '../../src/api/types';
import { EMPTY_PARAMS, parseParams } from '../../src/search/params';
import { chooseSubsets, findPartialMatches, isNarrowed, listParts } from '../../src/search/partial-matches';
import { createImage } from '../fixtures';

const { signal } = new AbortController();

it.each([
  ['?q=autumn+forest', ['autumn', 'forest'], ''],
  ['?q=the+forest,+in+autumn!', ['forest', 'autumn'], ''],
  ['?q=the+with', ['the', 'with'], ''],
  ['?q=sunset+Over+sea', ['sunset', 'sea'], ''],
  ['?q=her+boat+between+the+piers', ['boat', 'piers'], ''],
  ['?q=Boot+auf+dem+See+bei+der+Brücke', ['Boot', 'See', 'Brücke'], ''],
  ['?q=portrait+photo+of+an+old+man', ['portrait', 'old', 'man'], ''],
  ['?q=Fotos+vom+Meer+und+Bilder+vom+Berg', ['Meer', 'Berg'], ''],
  ['?q=wide+banner+picture', ['wide', 'banner'], ''],
  ['?q=photo', ['photo'], ''],
  ['?q=über+die', ['über', 'die'], ''],
  ['?q=forest+Forest', ['forest'], ''],
  ['?q=%23Sea+fog&tag=sea', ['fog', '#sea'], ''],
  ['?q=-cats+"red+car', ['"red car"'], '-cats'],
  ['?q="red+boat"+-car+by:anna+%23sea+desc:pier+&', ['"red boat"', '#sea', 'desc:pier'], '-car by:anna'],
  ['?q=forest&tag=sea', ['forest', '#sea'], ''],
  ['?q=of&tag=sea', ['#sea'], ''],
])('what may be left out of %s, and what stays', (address, parts, kept) => {
  const listed = listParts(parseParams(address));
  expect(listed.parts.map(({ label }) => label)).toEqual(parts);
  expect(listed.kept).toEqual({ q: kept, tag: [] });
});

it('leaves out plain words alone where some of them have pictures together with all the rest', () => {
  const listed = listParts(parseParams('?q=snowy+"old+town"+roofs+%23winter&tag=sea'), true);
  expect(listed.parts.map(({ label }) => label)).toEqual(['snowy', 'roofs']);
  expect(listed.kept).toEqual({ q: '"old town" #winter', tag: ['sea'] });
});

it.each([
  ['?q=autumn+forest&tag=sea', false],
  ['?q=autumn+forest&color=red', true],
  ['?q=autumn+forest&owner=id:7', true],
  ['?q=autumn+forest+-car', true],
])('whether a picture may be missing for another reason in %s', (address, expected) => {
  const params = parseParams(address);
  expect(isNarrowed(params, listParts(params))).toBe(expected);
});

it.each([
  [['a', 'b'], 2, []],
  [['a'], 3, []],
  [['a', 'b'], 3, [['a', 'b']]],
  [
    ['a', 'b', 'c'],
    3,
    [
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b'],
    ],
  ],
  [['a', 'b', 'c', 'd'], 5, [['a', 'b', 'c', 'd']]],
  [[], 2, []],
])('of %o among %i the largest subsets that may have pictures', (present, count, expected) => {
  expect(chooseSubsets(present, count)).toEqual(expected);
});

function library(answers: Readonly<Record<string, Partial<ImagePage>>>) {
  return vi.fn(async ({ q = '', tag = [] }: ImageQuery): Promise<ImagePage> => {
    const key = [q, ...tag.map((each) => `#${each}`)].filter(Boolean).join(' ');
    return { images: [], next: null, ...answers[key] };
  });
}

const pictures = (count: number) => Array.from({ length: count }, (_, index) => createImage(String(index)));

async function find(address: string, answers: Readonly<Record<string, Partial<ImagePage>>>) {
  const searchImages = library(answers);
  const params = parseParams(address);
  const found = await findPartialMatches({ searchImages }, params, listParts(params), signal);
  return {
    asked: searchImages.mock.calls.map(([query]) => query),
    labels: found.matches.map(({ label }) => label),
    missing: found.missing,
    matches: found.matches,
  };
}

it('asks for each of two, with the filters, and names what no picture has', async () => {
  const found = await find('?q=forest+xqzzy&color=red', { forest: { images: pictures(2) } });
  expect(found.asked).toEqual([
    { q: 'forest', color: 'red', sort: 'relevance', limit: 8 },
    { q: 'xqzzy', color: 'red', sort: 'relevance', limit: 8 },
  ]);
  expect(found.labels).toEqual(['forest']);
  expect(found.missing).toEqual(['xqzzy']);
  expect(found.matches[0]?.params).toEqual({ ...EMPTY_PARAMS, q: 'forest', color: 'red' });
  expect(found.matches[0]?.found).toEqual({ shown: 2, isAll: true, count: null });
});

it('shows several together first, then what more pictures have, and four at most', async () => {
  const one = { images: pictures(1) };
  const many = { images: pictures(8), next: 'more', count: 40 };
  const found = await find('?q=snow+roofs+night+xqzzy&tag=town', {
    snow: one,
    roofs: many,
    night: { images: pictures(2) },
    '#town': one,
    'snow roofs night': { images: pictures(1), relaxed: true },
    'snow roofs night #town': one,
  });
  // The shortest word is not asked for.
  expect(found.asked.map(({ q }) => q)).toEqual(['roofs', 'night', 'xqzzy', undefined, 'roofs night']);
  expect(found.labels).toEqual(['roofs', 'night', '#town']);
  const all = await find('?q=snow+roofs+night', {
    snow: one,
    roofs: many,
    night: { images: pictures(2) },
    'snow roofs': one,
    'roofs night': { images: pictures(3) },
    'snow night': { images: pictures(9), relaxed: true },
  });
  expect(all.labels).toEqual(['roofs night', 'snow roofs', 'roofs', 'night']);
  expect(all.asked).toHaveLength(6);
});

it('says how the API has read a word, and takes no such answer for several words', async () => {
  const found = await find('?q=snow+rofs+%23sea', {
    snow: { images: pictures(1) },
    rofs: { images: pictures(1), corrected: 'roofs' },
    '#sea': { images: pictures(1) },
    'snow #sea': { images: pictures(1), corrected: 'snowy #sea' },
  });
  expect(found.labels).toEqual(['snow', 'roofs', '#sea']);
  expect(found.matches[1]?.params.q).toBe('roofs');
  expect(found.missing).toEqual([]);

  const twice = await find('?q=rofs+Roofs&tag=sea', {
    rofs: { images: pictures(1), corrected: 'roofs' },
    Roofs: { images: pictures(1) },
  });
  expect(twice.labels).toEqual(['roofs']);
});

it('takes a word that stands for others for no part that is present', async () => {
  const found = await find('?q=snow+animal+%23sea', {
    snow: { images: pictures(1) },
    animal: { images: pictures(3), related: { animal: ['bird', 'dog', 'gull', 'cat'] } },
    '#sea': { images: pictures(2) },
    'snow #sea': { images: pictures(1) },
  });
  expect(found.asked.map(({ q }) => q)).toEqual(['snow', 'animal', '#sea', 'snow #sea']);
  expect(found.labels).toEqual(['snow #sea', 'animal (bird, dog, gull, …)', '#sea', 'snow']);
  expect(found.matches[1]?.params.q).toBe('animal');
  expect(found.missing).toEqual([]);
});

it('claims nothing of what has not been answered, or not been searched through', async () => {
  const searchImages = vi.fn(async ({ q }: ImageQuery): Promise<ImagePage> => {
    if (q === 'broken') throw new Error('down');
    return { images: [], next: 'further' };
  });
  const params = parseParams('?q=broken+rare');
  const found = await findPartialMatches({ searchImages }, params, listParts(params), signal);
  expect(found).toEqual({ matches: [], missing: [] });
});
