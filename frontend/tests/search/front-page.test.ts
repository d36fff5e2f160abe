import { expect, it } from 'vitest';
import { chooseCovers, countTags, listContributors } from '../../src/search/front-page';
import { createImage } from '../fixtures';

const IMAGES = [
  { ...createImage('A'), tags: ['sea', 'sun'], owner: 'Ann', owner_id: '1' },
  { ...createImage('B'), tags: ['sea'], owner: 'Bob', owner_id: '2' },
  { ...createImage('C'), tags: [], owner: 'Ann', owner_id: '1' },
];

it('lists contributors by their newest pictures, each once', () => {
  const list = listContributors(IMAGES, 5).map(({ id, name, cover }) => [id, name, cover.id]);
  expect(list).toEqual([
    ['1', 'Ann', 'A'],
    ['2', 'Bob', 'B'],
  ]);
  expect(listContributors(IMAGES, 1)).toHaveLength(1);
});

it('counts tags, the commonest first', () => {
  expect(countTags(IMAGES, 5)).toEqual(['sea', 'sun']);
  expect(countTags(IMAGES, 1)).toEqual(['sea']);
});

it('chooses another picture for each tag, as far as there are any', () => {
  const list = (tags: string[]): (string | undefined)[] => {
    const covers = chooseCovers(tags, IMAGES);
    return tags.map((tag) => covers.get(tag)?.id);
  };
  expect(list(['sun', 'sea', 'moon'])).toEqual(['A', 'B', undefined]);
  expect(list(['sea', 'sun'])).toEqual(['A', 'A']);
});
