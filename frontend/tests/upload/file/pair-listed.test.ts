import { expect, it } from 'vitest';
import { identify, identifyChosen } from '../../../src/upload/file/identity';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { pairListed } from '../../../src/upload/file/pair-listed';
import { rememberPath } from '../../../src/upload/selection/file-handles';
import { UnopenedFile } from '../../../src/upload/selection/unopened-file';
import { createPhoto } from '../../fixtures';

const content = { type: 'image/jpeg', sha256: '00' };

const choose = (path: string): File =>
  rememberPath(createPhoto(path.replace(/.*\//, ''), 'photo'), path.includes('/') ? path : '');

function createMissing(path: string, known: typeof content | null = null): UploadItem {
  const item = new UploadItem(choose(path));
  item.state = { name: 'missing', content: known };
  return item;
}

/** Which missing file each chosen one is, by their paths. */
function pair(missing: readonly UploadItem[], files: readonly (File | UnopenedFile)[]): [string, string][] {
  const identities = new Set(missing.map(identify));
  const pairs = pairListed(missing, files, (identity) => identities.has(identity));
  const paths = new Map(files.map((file) => [identifyChosen(file), new UploadItem(file).path]));
  return [...pairs].map(([identity, item]) => [paths.get(identity) ?? identity, item.path]);
}

it.each<[string, string[], string[], [string, string][]]>([
  ['chosen with its folder', ['1.jpg'], ['a/1.jpg'], [['a/1.jpg', '']]],
  ['chosen alone', ['a/1.jpg'], ['1.jpg'], [['', 'a/1.jpg']]],
  ['chosen with the folder around its own', ['b/1.jpg'], ['a/b/1.jpg'], [['a/b/1.jpg', 'b/1.jpg']]],
  [
    'chosen with the folder around its own, among others that look the same',
    ['b/1.jpg', 'c/1.jpg'],
    ['a/b/1.jpg', 'a/c/1.jpg', 'a/d/1.jpg'],
    [
      ['a/b/1.jpg', 'b/1.jpg'],
      ['a/c/1.jpg', 'c/1.jpg'],
    ],
  ],
  ['that may be in two folders', ['b/1.jpg'], ['a/b/1.jpg', 'c/b/1.jpg'], []],
  ['beside one of its own path', ['1.jpg', 'a/1.jpg'], ['a/1.jpg', 'b/1.jpg'], [['b/1.jpg', '']]],
  ['chosen twice', ['1.jpg'], ['a/1.jpg', 'a/1.jpg'], [['a/1.jpg', '']]],
  ['of its own path', ['a/1.jpg'], ['a/1.jpg'], []],
  ['of another name', ['1.jpg'], ['a/2.jpg'], []],
  ['one of two that look the same', ['1.jpg'], ['a/1.jpg', 'b/1.jpg'], []],
  ['that looks as two missing ones', ['a/1.jpg', 'b/1.jpg'], ['c/1.jpg'], []],
])('finds a file %s', (_, missing, chosen, pairs) => {
  expect(
    pair(
      missing.map((path) => createMissing(path)),
      chosen.map(choose),
    ),
  ).toEqual(pairs);
});

it('leaves to the hash what has one', () => {
  expect(pair([createMissing('1.jpg', content)], [choose('a/1.jpg')])).toEqual([]);
  expect(pair([createMissing('1.jpg', content), createMissing('2.jpg')], [choose('a/1.jpg')])).toEqual([]);
});

it('takes nothing that could not be opened', () => {
  expect(pair([createMissing('1.jpg')], [new UnopenedFile('1.jpg', 'a/1.jpg', null)])).toEqual([]);
});
