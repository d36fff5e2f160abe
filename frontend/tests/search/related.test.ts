// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { parseParams } from '../../src/search/params';
import { describeRelated, findRelatedWords, isPlainSearch, listRelatedWords } from '../../src/search/related';

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
  expect(describeRelated({ query: ' red Car', related: { car: ['carnation', 'cartoon'] } }, false)).toBe(
    'No picture has “red Car”. These are pictures of carnation and cartoon.',
  );
  expect(describeRelated({ query: 'ÖFEN', related: { ofen: ['stove'] }, relaxed: true }, false)).toBe(
    'No picture has “ÖFEN”. Looked for instead: stove.',
  );
  expect(describeRelated({ query: 'Animal', related: { animal: ['bird', 'dog'] } }, true)).toBe(
    'With words related to “Animal”: bird and dog.',
  );
});

it.each([
  ['?q=bird', true],
  ['?q=+snowy++Gull+&sort=newest', true],
  ['?q=a+b+c', true],
  ['?q=a+b+c+d', false],
  ['?q=%23bird', false],
  ['?q=bird+-dog', false],
  ['?q="snowy+gull"', false],
  ['?q=by:ann+bird', false],
  ['?q=bird&tag=sea', false],
  ['?q=bird&color=red', false],
  ['?q=bird&owner=id:7', false],
  ['?q=bird&expand=related', false],
  ['', false],
])('whether %s is for three plain words at most', (address, expected) => {
  expect(isPlainSearch(parseParams(address), 3)).toBe(expected);
});

it('tells a search for one word from one for two', () => {
  expect(isPlainSearch(parseParams('?q=bird'), 1)).toBe(true);
  expect(isPlainSearch(parseParams('?q=green+bird'), 1)).toBe(false);
});

it('finds the words that are related to one, and not that one', async () => {
  const listWords = vi.fn(async () => [
    { word: 'gull', count: 7 },
    { word: 'bird', count: 5 },
    { word: 'duck', count: 2 },
  ]);
  expect(await findRelatedWords({ listWords }, 'Bird', signal)).toEqual(['gull', 'duck']);
  expect(listWords).toHaveBeenCalledExactlyOnceWith({ related: 'Bird' }, 8, signal);
});
