import { expect, it } from 'vitest';
import { findNeighbours } from '../../src/search/neighbours';
import { createImage } from '../fixtures';

const list = ['A', 'B', 'C'].map(createImage);

it('finds the pictures beside one', () => {
  expect(findNeighbours(list, 'B')).toMatchObject({ index: 1, previous: { id: 'A' }, next: { id: 'C' } });
  expect(findNeighbours(list, 'A').previous).toBeUndefined();
  expect(findNeighbours(list, 'X')).toEqual({ index: -1 });
});
