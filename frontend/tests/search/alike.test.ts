import { expect, it, vi } from 'vitest';
import { findAlike, listSearchedWords } from '../../src/search/alike';

const { signal } = new AbortController();

it.each([
  ['strand', ['strand']],
  ['  red   boat ', ['red', 'boat']],
  ['red -car #sea by:anna “boat”', ['red', '“boat”']],
  ['#sea -car', []],
  ['', []],
])('the words that somebody looks for in %o', (query, words) => {
  expect(listSearchedWords(query)).toEqual(words);
});

it('offers words that begin alike, the commonest first, each in place of the word that was typed', async () => {
  const listWords = vi.fn(async (prefix: string) =>
    prefix === 'str'
      ? [
          { word: 'street', count: 2 },
          { word: 'stream', count: 5 },
        ]
      : [
          { word: 'boats', count: 3 },
          { word: 'boat', count: 9 },
        ],
  );
  expect(await findAlike({ listWords }, '#sea strand boat', signal)).toEqual([
    { word: 'stream', query: '#sea stream boat' },
    { word: 'boats', query: '#sea strand boats' },
    { word: 'street', query: '#sea street boat' },
  ]);
  expect(listWords.mock.calls.map(([prefix]) => prefix)).toEqual(['str', 'boa']);
});

it('asks for half of a long word, and for no short one', async () => {
  const listWords = vi.fn(async () => []);
  expect(await findAlike({ listWords }, 'spaziergang am by:an', signal)).toEqual([]);
  expect(listWords).toHaveBeenCalledExactlyOnceWith('spazie', 8, signal);
});
