import { expect, it } from 'vitest';
import { describeCount } from '../../src/search/count';

const thousands = (count: number): string => count.toLocaleString();

it.each([
  [{ shown: 12, isAll: true, count: null }, '12 pictures'],
  [{ shown: 1, isAll: true, count: 7 }, '1 picture'],
  [{ shown: 50, isAll: false, count: null }, 'More than 50 pictures'],
  [{ shown: 50, isAll: false, count: 40 }, 'More than 50 pictures'],
  [{ shown: 50, isAll: false, count: 204 }, '204 pictures'],
  [{ shown: 50, isAll: false, count: 1234 }, `About ${thousands(1200)} pictures`],
  [{ shown: 50, isAll: false, count: 98_765 }, `About ${thousands(99_000)} pictures`],
])('%j is %s', (found, text) => {
  expect(describeCount(found)).toBe(text);
});
