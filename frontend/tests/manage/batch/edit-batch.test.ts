import { expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { EditAnswer, Image, Upload } from '../../../src/api/types';
import { Batch } from '../../../src/manage/batch/batch.svelte';
import { BatchDraft } from '../../../src/manage/batch/batch-draft.svelte';
import { runBatchEdit } from '../../../src/manage/batch/edit-batch';
import { createImage } from '../../fixtures';

async function run(
  answers: EditAnswer[],
  listUploadsById: (ids: string[]) => Promise<Upload[]>,
  draft = new BatchDraft(),
) {
  if (!draft.isChanged) draft.addTags = ['sea'];
  const batch = new Batch(answers.map(({ id }) => id));
  const editImages = vi.fn(async () => answers);
  const edited: Image[] = [];
  await runBatchEdit(batch, draft, { editImages, listUploadsById }, (images) => edited.push(...images));
  return { batch, editImages, edited: edited.map(({ id }) => id) };
}

it('reads how each picture fared, and hands on those that the API shows', async () => {
  const listUploadsById = vi.fn(async () => []);
  const { batch, editImages, edited } = await run(
    [
      { id: 'a', state: 'edited', image: createImage('a') },
      { id: 'b', state: 'unchanged' },
      { id: 'c', state: 'gone' },
      { id: 'd', state: 'rejected', error: { code: 'too-many-tags', detail: 'There are 51 tags.' } },
    ],
    listUploadsById,
  );
  expect(editImages).toHaveBeenCalledWith({ ids: ['a', 'b', 'c', 'd'], add_tags: ['sea'] });
  expect(edited).toEqual(['a']);
  expect(batch.done).toEqual(['a', 'b']);
  expect(batch.changed).toEqual(['a']);
  expect(batch.failures).toEqual([
    { id: 'c', reason: 'The picture is no longer there.' },
    { id: 'd', reason: 'There are 51 tags.' },
  ]);
  expect(listUploadsById).not.toHaveBeenCalled();
});

it('loads the pictures that a long answer leaves out', async () => {
  const answers = Array.from({ length: 80 }, (_, index): EditAnswer => ({
    id: `id-${index}`,
    state: 'edited',
  }));
  const sizes: number[] = [];
  const { edited } = await run(answers, async (ids) => {
    sizes.push(ids.length);
    return ids.map((id) => ({ id, image: createImage(id) }) as Upload);
  });
  expect(sizes).toEqual([80]);
  expect(edited).toHaveLength(80);
});

it('counts pictures as changed that cannot be loaded afterwards', async () => {
  const { batch, edited } = await run([{ id: 'a', state: 'edited' }], async () => {
    throw new NetworkError();
  });
  expect(edited).toEqual([]);
  expect(batch.done).toEqual(['a']);
});

it('tells of a removed tag that a picture keeps as a hashtag, also of a picture that the answer leaves out', async () => {
  const draft = new BatchDraft();
  draft.removeTags = ['Sea', 'sun'];
  const keeping = (id: string): Image => ({ ...createImage(id), tags: ['sea', 'sky'] });
  const { batch } = await run(
    [
      { id: 'a', state: 'unchanged', image: keeping('a') },
      { id: 'b', state: 'edited', image: keeping('b') },
      { id: 'c', state: 'unchanged' },
      { id: 'd', state: 'edited', image: createImage('d') },
    ],
    async (ids) => ids.map((id) => ({ id, image: keeping(id) }) as Upload),
    draft,
  );
  expect(batch.changed).toEqual(['d']);
  expect(batch.failures.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(batch.failures[0]?.reason).toContain('#sea');
});

it('adds a tag that it removes before, so that none is missed', async () => {
  const draft = new BatchDraft();
  draft.removeTags = ['sea'];
  draft.addTags = ['sea'];
  const image = { ...createImage('a'), tags: ['sea'] };
  const { batch } = await run([{ id: 'a', state: 'unchanged', image }], async () => [], draft);
  expect(batch.failures).toEqual([]);
});
