import { expect, it } from 'vitest';
import { nameAuthor } from '../../src/pictures/author';
import EXAMPLES from './author-examples.json';

it.each(EXAMPLES)('names $author', ({ author, ...image }) => {
  expect(nameAuthor(image)).toBe(author);
});
