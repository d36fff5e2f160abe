import { expect, it, vi } from 'vitest';
import type { Image, Upload } from '../../../src/api/types';
import { EditRecord } from '../../../src/manage/reversal/edit-record';
import { createImage } from '../../fixtures';

function at(id: string, revision: number, credit: string): Image {
  return { ...createImage(id), revision, credit };
}

function createRecord(own: readonly Image[], shown: readonly Image[] = []) {
  const listUploadsById = vi.fn(async (ids: string[]) =>
    own.filter(({ id }) => ids.includes(id)).map((image) => ({ id: image.id, image }) as Upload),
  );
  const record = new EditRecord(
    { listUploadsById },
    new Map(shown.map((image) => [image.id, image])),
    'alice',
  );
  return { record, listUploadsById };
}

it('has what a picture had at the revision before', async () => {
  // The page shows an older revision than the library has.
  const { record, listUploadsById } = createRecord([at('a', 3, 'Eve')], [at('a', 1, 'Old')]);
  await record.read(['a']);
  await record.read(['a']);
  expect(listUploadsById).toHaveBeenCalledOnce();
  record.note('a', true, at('a', 4, 'Bob'), ['credit']);
  expect(record.reversals).toEqual([{ id: 'a', revision: 4, changes: { set: { credit: 'Eve' } } }]);
  expect([record.lostCount, record.has('a')]).toEqual([0, true]);
});

it('knows somebody else’s picture as the page shows it', async () => {
  const { record } = createRecord([], [at('a', 1, 'Eve')]);
  await record.read(['a']);
  record.note('a', true, at('a', 2, 'Bob'), ['credit']);
  expect(record.reversals).toHaveLength(1);
});

it('undoes nothing of which it does not know what was there', async () => {
  const { record } = createRecord([
    at('a', 0, 'Eve'),
    at('b', 0, 'Eve'),
    at('c', 0, 'Eve'),
    at('d', 0, 'Eve'),
  ]);
  await record.read(['a', 'b', 'c', 'd', 'e']);
  // Somebody else was there in between; the answer has left the picture out; the picture is nowhere to be read.
  record.note('a', true, at('a', 2, 'Bob'), ['credit']);
  record.note('b', true, undefined, ['credit']);
  record.note('e', true, at('e', 1, 'Bob'), ['credit']);
  // The edit has changed nothing of these.
  record.note('c', false, at('c', 0, 'Eve'), ['credit']);
  record.note('d', false, at('d', 2, 'Bob'), ['credit']);
  expect(record.reversals).toEqual([]);
  expect(record.lostCount).toBe(3);
});
