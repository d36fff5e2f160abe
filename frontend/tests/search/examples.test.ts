import { expect, it } from 'vitest';
import type { Image } from '../../src/api/types';
import { findExamples } from '../../src/search/examples';
import { createImage } from '../fixtures';

const create = (id: string, more: Partial<Image>): Image => ({ ...createImage(id), ...more });

it('makes examples of words and tags that pictures have', () => {
  const images = [
    create('A', { description: 'Boats in the old harbour', tags: ['boat', 'new york', 'sea'] }),
    create('B', { description: 'Nothing', tags: ['boat'], taken: '2014-05-06T00:00:00', creator: 'Bo Lee' }),
  ];
  expect(findExamples(images)).toEqual({
    words: 'boat sea',
    phrase: '"old harbour"',
    tag: '#boat',
    exclusion: 'boat -sea',
  });
});

it('excludes no word that all pictures of the other one may have', () => {
  const images = [
    create('A', { tags: ['boat', 'sea'] }),
    create('B', { tags: ['boat'], description: 'Seagulls and seas' }),
    create('C', { tags: ['sea'], title: 'Boats' }),
  ];
  expect(findExamples(images).exclusion).toBeNull();
});

it('has no examples where no picture gives any', () => {
  expect(Object.values(findExamples([])).every((query) => query === null)).toBe(true);
  const found = findExamples([create('A', { name: 'IMG_1.jpg' })]);
  expect(Object.values(found).every((query) => query === null)).toBe(true);
});
