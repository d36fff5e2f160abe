import { expect, it } from 'vitest';
import { headPicture, titlePicture } from '../../src/pictures/title';
import EXAMPLES from './title-examples.json';

it.each(EXAMPLES)('$name is titled $title', ({ title, heading, ...image }) => {
  expect(titlePicture(image)).toBe(title);
  expect(headPicture(image)).toBe(heading);
});

it('takes as long as the name is long', () => {
  const name = `IMG_${'1'.repeat(100_000)} (1)(1) x`;
  expect(headPicture({ name, description: 'Boats' })).toBe(name);
});
