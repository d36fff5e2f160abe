import { expect, it } from 'vitest';
import { captionTile, describePictures, removeHashtags } from '../../src/pictures/caption';
import EXAMPLES from './caption-examples.json';

it.each(EXAMPLES)('$description reads $caption', ({ description, caption }) => {
  expect(removeHashtags(description)).toBe(caption);
});

it('tells pictures of one title apart, wherever the hashtags stand', () => {
  const pictures = ['Waves #sea', 'Waves', '', '#sea', 'Wood', 'Waves #sea #sun'].map((description) => ({
    name: 'a.jpg',
    description,
  }));
  expect(describePictures(pictures)).toEqual([
    'Waves',
    'Waves (2)',
    'a.jpg',
    'a.jpg (2)',
    'Wood',
    'Waves (3)',
  ]);
});

it.each([
  ['Canyon wren', 'A bird on a rock #bird', 'Canyon wren'],
  ['DSC_0012.JPG', 'A bird on a rock #bird', 'A bird on a rock'],
  ['PXL_20260101', 'A bird on a rock', 'A bird on a rock'],
  ['wren.jpeg', '', 'wren.jpeg'],
])('captions the tile of %s', (name, description, caption) => {
  expect(captionTile({ name, description })).toBe(caption);
});

it('takes as long as the text is long', () => {
  expect(removeHashtags(`a${' '.repeat(100_000)}b`).length).toBe(100_002);
  expect(removeHashtags('#a '.repeat(20_000))).toBe('');
  expect(removeHashtags('# '.repeat(20_000)).length).toBe(39_999);
});
