import { describe, expect, it } from 'vitest';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { isChosenAgain, OpenChoice } from '../../../src/upload/file/open-choice';
import { rememberPath } from '../../../src/upload/selection/file-handles';
import { UnopenedFile } from '../../../src/upload/selection/unopened-file';
import { createPhoto, createPhotos } from '../../fixtures';

const choose = (path: string): File => rememberPath(createPhoto(path), path);

it.each([
  ['all files have', [choose('trip/1.jpg'), choose('trip/sea/2.jpg')], 'trip'],
  ['has one that cannot be opened', [choose('trip/1.jpg'), new UnopenedFile('2', 'trip/2', null)], 'trip'],
  ['is one of two', [choose('trip/1.jpg'), choose('town/2.jpg')], ''],
  ['is there beside a photo', [choose('trip/1.jpg'), createPhoto('2.jpg')], ''],
  ['nobody has chosen', createPhotos(2), ''],
])('knows a folder that %s', (_, files, folder) => {
  expect(new OpenChoice(files, 'alice', 1).folder).toBe(folder);
});

it('is complete once all files are written, or need not be', () => {
  const choice = new OpenChoice(createPhotos(5), 'alice', 1);
  const [first, second] = createPhotos(2).map((file) => new UploadItem(file));
  choice.settle(3, [first!, second!]);
  expect([choice.recorded, choice.isComplete]).toEqual([1, false]);
  expect(choice.write([first!, second!])).toEqual([first, second]);
  expect(choice.write([first!])).toEqual([]);
  choice.unwrite([second!]);
  expect(choice.recorded).toBe(2);
  choice.end();
  expect(choice.isComplete).toBe(false);
  choice.write([second!]);
  expect([choice.recorded, choice.isComplete]).toEqual([5, true]);
});

describe('what was left of a choice', () => {
  it.each([
    ['the same folder', 'trip', { folder: 'trip', total: 1 }, true],
    ['another folder', 'trip', { folder: 'town', total: 500 }, false],
    ['as many photos as are missing', 'trip', { folder: '', total: 290 }, true],
    ['fewer photos', 'trip', { folder: '', total: 289 }, false],
    ['a folder of as many photos, where none was known', '', { folder: 'trip', total: 302 }, true],
    ['a photo, where no folder was known', '', { folder: '', total: 1 }, false],
  ])('is chosen again with %s', (_, folder, later, isAgain) => {
    expect(isChosenAgain({ total: 302, recorded: 12, folder }, later)).toBe(isAgain);
  });
});
