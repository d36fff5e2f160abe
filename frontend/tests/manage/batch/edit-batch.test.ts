import { expect, it } from 'vitest';
import type { EditAnswer, Image } from '../../../src/api/types';
import { Batch } from '../../../src/manage/batch/batch.svelte';
import { BatchDraft } from '../../../src/manage/batch/batch-draft.svelte';
import { runBatchEdit } from '../../../src/manage/batch/edit-batch';
import { createImage } from '../../fixtures';

it('reads how each picture fared, and hands on those that the API shows', async () => {
  const draft = new BatchDraft();
  draft.addTags = ['sea'];
  const answers: EditAnswer[] = [
    { id: 'a', state: 'edited', image: createImage('a') },
    { id: 'b', state: 'unchanged' },
    { id: 'c', state: 'gone' },
    { id: 'd', state: 'rejected', error: { code: 'too-many-tags', detail: 'There are 51 tags.' } },
  ];
  const batch = new Batch(['a', 'b', 'c', 'd']);
  const edited: Image[] = [];
  await runBatchEdit(
    batch,
    draft,
    async (edit) => {
      expect(edit).toEqual({ ids: ['a', 'b', 'c', 'd'], add_tags: ['sea'] });
      return answers;
    },
    (images) => edited.push(...images),
  );
  expect(edited.map(({ id }) => id)).toEqual(['a']);
  expect(batch.done).toEqual(['a', 'b']);
  expect(batch.failures).toEqual([
    { id: 'c', reason: 'The picture is no longer there.' },
    { id: 'd', reason: 'There are 51 tags.' },
  ]);
});
