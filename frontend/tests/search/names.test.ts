import { expect, it } from 'vitest';
import { listAddedNames } from '../../src/search/names';

it.each([
  ['Anna', 'by:Anna', ['Anna']],
  ['Anna Archive boat', 'by:Anna by:Archive boat', ['Anna', 'Archive']],
  ['by:bob Anna', 'by:bob by:Anna', ['Anna']],
  ['habrour', 'harbour', []],
  ['standby:x', 'standby:x', []],
])('tells the words of “%s” that were read as names', (query, corrected, names) => {
  expect(listAddedNames(query, corrected)).toEqual(names);
});
