import { expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type { EditAnswer, EditRequest, Image, Upload } from '../../../src/api/types';
import { Batch } from '../../../src/manage/batch/batch.svelte';
import { BatchDraft } from '../../../src/manage/batch/batch-draft.svelte';
import { runBatchEdit } from '../../../src/manage/batch/edit-batch';
import { EditRecord } from '../../../src/manage/reversal/edit-record';
import { createImage } from '../../fixtures';

/** Every picture as it is before any edit, at the revision 0. */
async function readBefore(ids: string[]): Promise<Upload[]> {
  return ids.map((id) => ({ id, image: createImage(id) }) as Upload);
}

async function run(
  answers: EditAnswer[],
  listUploadsById: (ids: string[]) => Promise<Upload[]>,
  draft = new BatchDraft(),
) {
  if (!draft.isChanged) draft.addTags = ['sea'];
  const batch = new Batch(answers.map(({ id }) => id));
  const editImages = vi.fn(async () => answers);
  const edited: Image[] = [];
  const record = new EditRecord({ listUploadsById: readBefore }, new Map(), 'alice');
  await runBatchEdit(batch, draft.content, { editImages, listUploadsById }, record, (images) =>
    edited.push(...images),
  );
  return { batch, editImages, record, edited: edited.map(({ id }) => id) };
}

it('reads how each picture fared, and hands on those that the API shows', async () => {
  const listUploadsById = vi.fn(async () => []);
  const { batch, editImages, edited } = await run(
    [
      { id: 'a', state: 'edited', image: createImage('a') },
      { id: 'b', state: 'unchanged', image: createImage('b') },
      { id: 'c', state: 'gone' },
      { id: 'd', state: 'rejected', error: { code: 'too-many-tags', detail: 'There are 51 tags.' } },
    ],
    listUploadsById,
  );
  expect(editImages).toHaveBeenCalledWith({
    ids: ['a', 'b', 'c', 'd'],
    add_tags: ['sea'],
    revisions: { a: 0, b: 0, c: 0, d: 0 },
  });
  expect(edited).toEqual(['a', 'b']);
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

it('records what the pictures had, also where the answer to the first request was lost', async () => {
  const now = (id: string): Image => ({ ...createImage(id), tags: ['sea'], revision: 1 });
  const library = new Map<string, Image>(['a', 'b'].map((id) => [id, createImage(id)]));
  const record = new EditRecord(
    { listUploadsById: async (ids) => ids.map((id) => ({ id, image: library.get(id) }) as Upload) },
    new Map(),
    'alice',
  );
  let count = 0;
  const editImages = async ({ ids }: { ids: string[] }): Promise<EditAnswer[]> => {
    const state = library.get('a')?.revision === 0 ? 'edited' : 'unchanged';
    for (const id of ids) library.set(id, now(id));
    if (count++ === 0) throw new NetworkError();
    return ids.map((id) => ({ id, state, image: now(id) }));
  };
  const draft = new BatchDraft();
  draft.addTags = ['sea'];
  const batch = new Batch(['a', 'b'], async () => undefined);
  await runBatchEdit(
    batch,
    draft.content,
    { editImages, listUploadsById: async () => [] },
    record,
    () => undefined,
  );
  expect(count).toBe(2);
  expect(record.reversals).toEqual(
    ['a', 'b'].map((id) => ({ id, revision: 1, changes: { remove_tags: ['sea'] } })),
  );
  expect(batch.changed).toEqual(['a', 'b']);
});

it('sends all pictures the edit as it was when the first request went', async () => {
  const draft = new BatchDraft();
  draft.addTags = ['sea'];
  const requests: unknown[] = [];
  const editImages = async ({ ids, revisions, ...edit }: EditRequest): Promise<EditAnswer[]> => {
    expect(Object.keys(revisions ?? {})).toEqual(ids);
    requests.push(edit);
    draft.actions.credit = 'clear';
    return ids.map((id) => ({
      id,
      state: 'edited',
      image: { ...createImage(id), tags: ['sea'], revision: 1 },
    }));
  };
  const ids = Array.from({ length: 150 }, (_, index) => `id-${index}`);
  const record = new EditRecord({ listUploadsById: readBefore }, new Map(), 'alice');
  const api = { editImages, listUploadsById: async () => [] };
  await runBatchEdit(new Batch(ids), draft.content, api, record, () => undefined);
  expect(requests).toEqual([{ add_tags: ['sea'] }, { add_tags: ['sea'] }]);
  expect(record.reversals).toHaveLength(150);
});

/** Runs an edit with the tag “wren”, whose first answers are these. The pictures are not those of whoever edits. */
async function runForOthers(shown: Image[], ...ends: (EditAnswer[] | Error)[]) {
  const record = new EditRecord(
    { listUploadsById: async () => [] },
    new Map(shown.map((image) => [image.id, image])),
    'admin',
  );
  const draft = new BatchDraft();
  draft.addTags = ['wren'];
  const batch = new Batch(
    shown.map(({ id }) => id),
    async () => undefined,
  );
  const requests: EditRequest[] = [];
  const editImages = async (request: EditRequest): Promise<EditAnswer[]> => {
    requests.push(request);
    const end = ends.shift() ?? [];
    if (end instanceof Error) throw end;
    return end;
  };
  await runBatchEdit(
    batch,
    draft.content,
    { editImages, listUploadsById: async () => [] },
    record,
    () => undefined,
  );
  return { batch, record, requests };
}

it('does not count as its own what the owner has done since the page was loaded', async () => {
  const shown = { ...createImage('a'), tags: ['bird'], revision: 4 };
  const now = { ...shown, tags: ['bird', 'wren', 'utah'], revision: 5 };
  const { batch, record, requests } = await runForOthers(
    [shown],
    [{ id: 'a', state: 'unchanged', image: now }],
  );
  expect(requests.map(({ revisions }) => revisions)).toEqual([{ a: 4 }]);
  expect(record.reversals).toEqual([]);
  expect([batch.changed, batch.unchanged]).toEqual([[], ['a']]);
});

it('says what to do about a picture that somebody else has changed meanwhile', async () => {
  const rejected = { state: 'rejected', error: { code: 'edited-meanwhile', detail: 'Edited.' } } as const;
  const { batch } = await runForOthers([createImage('a')], [{ id: 'a', ...rejected }]);
  expect(batch.failures[0]?.reason).toContain('Load the page again');
  const own = await run([{ id: 'a', ...rejected }], async () => []);
  expect(own.batch.failures[0]?.reason).toContain('Try again');
});

it('reads anew after a request that the library has refused', async () => {
  const listUploadsById = vi.fn(readBefore);
  const record = new EditRecord({ listUploadsById }, new Map(), 'alice');
  const errors = [new ApiError(429, 'too-many-requests', 'Later.'), new NetworkError()];
  const editImages = async ({ ids }: EditRequest): Promise<EditAnswer[]> => {
    const error = errors.shift();
    if (error !== undefined) throw error;
    return ids.map((id) => ({ id, state: 'unchanged', image: { ...createImage(id), revision: 1 } }));
  };
  const draft = new BatchDraft();
  draft.addTags = ['sea'];
  const batch = new Batch(['a'], async () => undefined);
  await runBatchEdit(
    batch,
    draft.content,
    { editImages, listUploadsById: async () => [] },
    record,
    () => undefined,
  );
  expect(errors).toEqual([]);
  expect(listUploadsById).toHaveBeenCalledTimes(2);
});

it('does not go on in the name of somebody else who has signed in while no answer came', async () => {
  let owner = 'alice';
  const record = new EditRecord({ listUploadsById: readBefore }, new Map(), owner);
  const editImages = vi.fn(async (edit: EditRequest): Promise<EditAnswer[]> => {
    if (editImages.mock.calls.length === 1) throw new NetworkError();
    return edit.ids.map((id) => ({ id, state: 'edited', image: { ...createImage(id), revision: 1 } }));
  });
  const batch = new Batch(['a', 'b'], async () => void (owner = 'bob'));
  const draft = new BatchDraft();
  draft.addTags = ['sea'];
  const api = { editImages, listUploadsById: async () => [] };
  await runBatchEdit(
    batch,
    draft.content,
    api,
    record,
    () => undefined,
    () => owner,
  );
  expect(editImages).toHaveBeenCalledTimes(1);
  expect(batch.failures.map(({ id }) => id)).toEqual(['a', 'b']);
});

it('sends nothing where it is stopped while it still reads what the pictures are', async () => {
  const batch: Batch = new Batch(['a']);
  const record = new EditRecord(
    {
      listUploadsById: async (ids) => {
        batch.stop();
        return readBefore(ids);
      },
    },
    new Map(),
    'alice',
  );
  const draft = new BatchDraft();
  draft.addTags = ['sea'];
  const editImages = vi.fn(async () => []);
  await runBatchEdit(
    batch,
    draft.content,
    { editImages, listUploadsById: readBefore },
    record,
    () => undefined,
  );
  expect(editImages).not.toHaveBeenCalled();
  expect(batch.failures).toEqual([{ id: 'a', reason: 'Stopped before it was sent.' }]);
});

it.each([new NetworkError(), new ApiError(503, 'database-busy', 'The library is busy.')])(
  'was not sent where no answer came to what the pictures are: %s',
  async (error) => {
    const batch: Batch = new Batch(['a'], async () => batch.stop());
    const listUploadsById = () => Promise.reject(error);
    const record = new EditRecord({ listUploadsById }, new Map(), 'alice');
    const draft = new BatchDraft();
    draft.addTags = ['sea'];
    const editImages = vi.fn(async () => []);
    await runBatchEdit(batch, draft.content, { editImages, listUploadsById }, record, () => undefined);
    expect(editImages).not.toHaveBeenCalled();
    expect(batch.failures).toEqual([{ id: 'a', reason: 'Stopped before it was sent.' }]);
  },
);
