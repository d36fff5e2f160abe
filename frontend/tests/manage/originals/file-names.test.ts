import { expect, it } from 'vitest';
import { makeSafe, numberName, UniqueNames } from '../../../src/manage/originals/file-names';

it.each([
  ['sea.jpg', 'sea.jpg'],
  ['a/b:c?.jpg', 'a_b_c_.jpg'],
  ['tab\there.jpg', 'tab_here.jpg'],
  ['end. ', 'end'],
  ['..', 'picture'],
  ['???', 'picture___'],
])('makes of %o the name %o, which every file system takes', (name, safe) => {
  expect(makeSafe(name)).toBe(safe);
});

it('puts the number before the extension', () => {
  expect(numberName('sea.tar.gz', 2)).toBe('sea.tar (2).gz');
  expect(numberName('.hidden', 3)).toBe('.hidden (3)');
  expect(numberName('sea', 2)).toBe('sea (2)');
});

it('gives every file a name of its own, also where upper and lower case are the same', () => {
  const names = new UniqueNames();
  expect(['sea.jpg', 'SEA.jpg', 'sea (2).jpg', 'sea.jpg'].map((name) => names.take(name))).toEqual([
    'sea.jpg',
    'SEA (2).jpg',
    'sea (2) (2).jpg',
    'sea (3).jpg',
  ]);
});
