import { expect, it } from 'vitest';
import { filterByName } from '../../../src/upload/file/name-filter';

const FILES = ['IMG_1.jpg', 'Müll am Ufer.JPG', 'img_12.png'].map((name) => ({ name }));

it.each([
  ['', 3],
  ['  ', 3],
  ['img', 2],
  ['IMG_12', 1],
  ['mull', 1],
  // As macOS spells it.
  ['mu\u0308ll AM', 1],
  ['.jpg', 2],
  ['ufer.png', 0],
])('finds %j in names', (text, count) => {
  expect(filterByName(FILES, text)).toHaveLength(count);
});
