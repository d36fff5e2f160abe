// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { parseParams } from '../../src/search/params';
import {
  describeRelated,
  findLastWord,
  findRelatedQueries,
  listRelatedWords,
} from '../../src/search/related';

const { signal } = new AbortController();
const listText = (words: readonly string[]): string =>
  listRelatedWords(words)
    .map(({ isWord, text }) => (isWord ? `[${text}]` : text))
    .join('');

it.each([
  [['bird'], '[bird]'],
  [['bird', 'dog', 'gull'], '[bird], [dog] and [gull]'],
  [['a', 'b', 'c', 'd', 'e', 'f'], '[a], [b], [c], [d], [e] and [f]'],
  [['a', 'b', 'c', 'd', 'e', 'f', 'g'], '[a], [b], [c], [d], [e] and 2 more'],
])('lists %o, each a link', (words, expected) => {
  expect(listText(words)).toBe(expected);
});

it('says what words were taken for, and claims of pictures of a part no more than is true', () => {
  const related = { animal: ['bird', 'dog'], vogel: ['birds'] };
  expect(describeRelated({ query: 'Animal Vögel', related }, false)).toBe(
    'No picture has “Animal”. These are pictures of bird and dog. ' +
      'No picture has “Vögel”. These are pictures of birds.',
  );
  expect(describeRelated({ query: 'ÖFEN', related: { ofen: ['stove'] }, relaxed: true }, false)).toBe(
    'No picture has “ÖFEN”. Looked for instead: stove.',
  );
  expect(describeRelated({ query: 'Animal', related: { animal: ['bird', 'dog'] } }, true)).toBe(
    'With words related to “Animal”: bird and dog.',
  );
});

it.each([
  ['?q=bird', 'bird'],
  ['?q=+snowy++Gull+&sort=newest', 'Gull'],
  ['?q=a+b+c', 'c'],
  ['?q=a+b+c+d', null],
  ['?q=%23bird', null],
  ['?q=bird+-dog', null],
  ['?q="snowy+gull"', null],
  ['?q=by:ann+bird', null],
  ['?q=bird&tag=sea', null],
  ['?q=bird&color=red', null],
  ['?q=bird&owner=id:7', null],
  ['?q=bird&expand=related', null],
  ['', null],
])('the word of %s for which there may be related ones', (address, expected) => {
  expect(findLastWord(parseParams(address))).toBe(expected);
});

it('has no such word beside another one where pictures might have none of both', () => {
  expect(findLastWord(parseParams('?q=bird'), 1)).toBe('bird');
  expect(findLastWord(parseParams('?q=green+bird'), 1)).toBeNull();
});

it('offers searches with related words in the place of the last one, and none that is this search', async () => {
  const listWords = vi.fn(async () => [
    { word: 'gull', count: 7 },
    { word: 'snowy', count: 5 },
    { word: 'duck', count: 2 },
  ]);
  expect(await findRelatedQueries({ listWords }, ' Snowy Bird ', signal)).toEqual([
    'Snowy gull',
    'Snowy duck',
  ]);
  expect(listWords).toHaveBeenCalledExactlyOnceWith({ related: 'Bird' }, 8, signal);
});
