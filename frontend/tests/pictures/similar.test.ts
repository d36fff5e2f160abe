import { expect, it } from 'vitest';
import type { SimilarImage } from '../../src/api/types';
import { groupSimilar } from '../../src/pictures/similar';
import { createImage } from '../fixtures';

const image = { ...createImage('A'), description: 'A boat in the harbour', tags: ['sea'], place: 'Oslo' };

function createSimilar(
  id: string,
  kind: SimilarImage['kind'],
  more: Partial<SimilarImage> = {},
): SimilarImage {
  return { ...createImage(id), kind, ...more };
}

it('says how pictures are like one, the same ones first', () => {
  const similar = [
    createSimilar('B', 'same-bytes'),
    createSimilar('C', 'same-pixels'),
    createSimilar('D', 'near'),
    createSimilar('E', 'alike', { tags: ['sea'] }),
  ];
  const groups = groupSimilar(image, similar).map(({ title, images }) => [title, images.map(({ id }) => id)]);
  expect(groups).toEqual([
    ['The same picture', ['B', 'C']],
    ['Nearly the same', ['D']],
    ['Similar pictures', ['E']],
  ]);
});

it.each([
  ['the tag', { tags: ['sea', 'x'] }, 1],
  ['the place', { place: 'Oslo' }, 1],
  ['a word', { description: 'HARBOUR at dawn' }, 1],
  ['small words alone', { description: 'a hat in the sun' }, 0],
  ['no more than a word of the file name', { name: 'A.jpg' }, 0],
])('with %s in common, a picture is alike or not', (_, more, count) => {
  expect(groupSimilar(image, [createSimilar('B', 'alike', more)])).toHaveLength(count);
});
