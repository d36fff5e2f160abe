import { expect, it } from 'vitest';
import { describeShowing } from '../../src/search/show-pictures';

it.each([
  [null, 'Show pictures'],
  [{ shown: 0, isAll: true, count: null }, 'Close the filters'],
  [{ shown: 1, isAll: true, count: 2 }, 'Show 1 picture'],
  [{ shown: 1234, isAll: true, count: null }, 'Show 1,234 pictures'],
  [{ shown: 50, isAll: false, count: null }, 'Show pictures'],
  [{ shown: 50, isAll: false, count: 40 }, 'Show pictures'],
  [{ shown: 50, isAll: false, count: 123 }, 'Show 123 pictures'],
  [{ shown: 50, isAll: false, count: 1234 }, 'Show about 1,200 pictures'],
])('says how many pictures there are, as far as that is known: %j', (found, label) =>
  expect(describeShowing(found)).toBe(label),
);
