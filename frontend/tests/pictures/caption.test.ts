import { expect, it } from 'vitest';
import { describePictures, removeHashtags } from '../../src/pictures/caption';

it.each([
  ['A boat at sea #sea #boat', 'A boat at sea'],
  ['A #boat at sea', 'A boat at sea'],
  ['#sea #boat', ''],
  ['Oslo\n#sea\n\nIn winter #snow', 'Oslo\n\nIn winter'],
  [
    'Written in C#, issue #12, at https://example.org/#part',
    'Written in C#, issue #12, at https://example.org/#part',
  ],
  ['Am Meer #Küste_2026', 'Am Meer'],
  ['A #海 here', 'A 海 here'],
  ['', ''],
])('%j reads %j', (description, caption) => {
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

it('takes as long as the text is long', () => {
  expect(removeHashtags(`a${' '.repeat(100_000)}b`).length).toBe(100_002);
  expect(removeHashtags('#a '.repeat(20_000))).toBe('');
  expect(removeHashtags('# '.repeat(20_000)).length).toBe(39_999);
});
