import { expect, it, vi } from 'vitest';
import { findAlike } from '../../src/search/alike';

const { signal } = new AbortController();

it('offers words that begin alike, the commonest first, each in place of the word that was typed', async () => {
  const listWords = vi.fn(async (asked: object) =>
    'prefix' in asked && asked.prefix === 'str'
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
  expect(listWords.mock.calls.map(([asked]) => asked)).toEqual([{ prefix: 'str' }, { prefix: 'boa' }]);
});

it('asks for half of a long word, and for no short one', async () => {
  const listWords = vi.fn(async () => []);
  expect(await findAlike({ listWords }, 'spaziergang am by:an', signal)).toEqual([]);
  expect(listWords).toHaveBeenCalledExactlyOnceWith({ prefix: 'spazie' }, 8, signal);
});
