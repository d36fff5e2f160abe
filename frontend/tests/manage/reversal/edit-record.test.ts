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

const EDIT = { set: { credit: 'Bob' } };

it('has what a picture had at the revision before, and names that revision', async () => {
  // The page shows an older revision than the library has.
  const { record } = createRecord([at('a', 3, 'Eve')], [at('a', 1, 'Old')]);
  expect(await record.read(['a'], EDIT)).toEqual({ a: 3 });
  record.note('a', 'edited', at('a', 4, 'Bob'), ['credit']);
  expect(record.reversals).toEqual([{ id: 'a', revision: 4, changes: { set: { credit: 'Eve' } } }]);
  expect([record.lostCount, record.has('a'), record.isRead('a')]).toEqual([0, true, true]);
});

it('knows somebody else’s picture as the page shows it, or as the last answer has it', async () => {
  const { record } = createRecord([], [at('a', 1, 'Eve')]);
  expect(await record.read(['a', 'b'], EDIT)).toEqual({ a: 1 });
  record.note('a', 'edited', at('a', 2, 'Bob'), ['credit']);
  expect(record.reversals).toHaveLength(1);
  expect(record.isRead('a')).toBe(false);
  expect(await record.read(['a'], EDIT)).toEqual({ a: 2 });
});

it('takes what has changed nothing for no edit of its own', async () => {
  // The owner has made the same edit since the page was loaded, or between the reading and the request.
  const { record } = createRecord([at('a', 0, 'Eve')], [at('b', 4, 'Eve')]);
  await record.read(['a', 'b'], EDIT);
  record.note('a', 'unchanged', at('a', 1, 'Bob'), ['credit']);
  record.note('b', 'unchanged', at('b', 5, 'Bob'), ['credit']);
  expect(record.reversals).toEqual([]);
  expect([record.lostCount, record.has('a'), record.has('b')]).toEqual([0, false, false]);
});

it('takes what has changed nothing for its own edit where an answer to it was lost', async () => {
  const own = [at('a', 0, 'Eve'), at('same', 0, 'Bob')];
  const { record, listUploadsById } = createRecord(own, [at('shown', 4, 'Eve')]);
  const ids = ['a', 'same', 'shown'];
  await record.read(ids, EDIT);
  record.noteLostAnswer(ids, EDIT);
  // What is read now may be what the edit has made.
  own[0] = at('a', 1, 'Bob');
  expect(await record.read(ids, { ...EDIT })).toEqual({ a: 0, same: 0, shown: 4 });
  expect(listUploadsById).toHaveBeenCalledOnce();
  record.note('a', 'unchanged', at('a', 1, 'Bob'), ['credit']);
  record.note('same', 'unchanged', at('same', 0, 'Bob'), ['credit']);
  record.note('shown', 'unchanged', at('shown', 5, 'Bob'), ['credit']);
  expect(record.reversals).toEqual([{ id: 'a', revision: 1, changes: { set: { credit: 'Eve' } } }]);
  // Nobody knows whether it was this edit or one of before, which the page did not show.
  expect([record.lostCount, record.has('shown'), record.has('same')]).toEqual([1, true, false]);
});

it('does not take back tags that the edit cannot have added or removed', async () => {
  const withTags = (id: string, revision: number, tags: string[]): Image => ({
    ...at(id, revision, ''),
    tags,
  });
  const edit = { add_tags: ['wren'], remove_tags: ['bird'] };
  const before = ['bird', 'sea'];
  const { record } = createRecord(['a', 'b', 'c'].map((id) => withTags(id, 0, before)));
  await record.read(['a', 'b', 'c'], edit);
  record.noteLostAnswer(['a', 'b', 'c'], edit);
  await record.read(['a', 'b', 'c'], edit);
  record.note('a', 'unchanged', withTags('a', 1, ['sea', 'wren']), ['tags']);
  record.note('b', 'unchanged', withTags('b', 1, ['sea', 'wren', 'utah']), ['tags']);
  record.note('c', 'unchanged', withTags('c', 1, ['wren']), ['tags']);
  expect(record.reversals.map(({ id }) => id)).toEqual(['a']);
  expect(record.lostCount).toBe(2);
});

it('reads anew what is tried again', async () => {
  const own = [at('a', 0, 'Eve')];
  const { record } = createRecord(own);
  await record.read(['a'], EDIT);
  record.note('a', 'rejected', undefined, ['credit']);
  own[0] = at('a', 1, 'Mallory');
  expect(await record.read(['a'], EDIT)).toEqual({ a: 1 });
  record.note('a', 'edited', at('a', 2, 'Bob'), ['credit']);
  expect(record.reversals).toEqual([{ id: 'a', revision: 2, changes: { set: { credit: 'Mallory' } } }]);
});

it('undoes two edits of a picture together, unless somebody else was there in between', async () => {
  const own = [at('a', 0, 'Eve'), at('b', 0, 'Eve')];
  const { record } = createRecord(own);
  await record.read(['a', 'b'], EDIT);
  for (const id of ['a', 'b']) record.note(id, 'edited', at(id, 1, 'Bob'), ['credit']);
  own.splice(0, 2, at('a', 1, 'Bob'), at('b', 2, 'Mallory'));
  await record.read(['a', 'b'], { set: { place: 'Utah' } });
  record.note('a', 'edited', { ...at('a', 2, 'Bob'), place: 'Utah' }, ['place']);
  record.note('b', 'edited', { ...at('b', 3, 'Mallory'), place: 'Utah' }, ['place']);
  const { place } = at('a', 0, '');
  expect(record.reversals).toEqual([
    { id: 'a', revision: 2, changes: { set: { credit: 'Eve', place } } },
    { id: 'b', revision: 3, changes: { set: { place } } },
  ]);
});

it('knows of no edit any more to which no answer has come when another one is sent', async () => {
  const own = [at('a', 0, 'Eve'), at('b', 0, 'Eve')];
  const { record } = createRecord(own);
  await record.read(['a', 'b'], EDIT);
  record.noteLostAnswer(['a', 'b'], EDIT);
  own[0] = at('a', 1, 'Bob');
  expect(await record.read(['a', 'b'], { set: { credit: 'Carol' } })).toEqual({ a: 1, b: 0 });
  record.note('a', 'edited', at('a', 2, 'Carol'), ['credit']);
  record.note('b', 'edited', at('b', 1, 'Carol'), ['credit']);
  expect(record.reversals.map(({ id }) => id)).toEqual(['b']);
  expect(record.lostCount).toBe(1);
});

it('undoes nothing of which it does not know what was there', async () => {
  const { record } = createRecord([at('a', 0, 'Eve'), at('b', 0, 'Eve'), at('c', 0, 'Eve')]);
  await record.read(['a', 'b', 'c', 'd'], EDIT);
  // Somebody else was there right after; the answer has left the picture out; the picture is nowhere to be read.
  record.note('a', 'edited', at('a', 2, 'Bob'), ['credit']);
  record.note('b', 'edited', undefined, ['credit']);
  record.note('d', 'edited', at('d', 1, 'Bob'), ['credit']);
  // The edit has changed nothing of this one.
  record.note('c', 'unchanged', at('c', 0, 'Eve'), ['credit']);
  expect(record.reversals).toEqual([]);
  expect(record.lostCount).toBe(3);
});
