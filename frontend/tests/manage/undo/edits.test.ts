import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type { EditAnswer, EditRequest, Image } from '../../../src/api/types';
import { localClock } from '../../../src/app/clock';
import { Batch } from '../../../src/manage/batch/batch.svelte';
import { Edits, isUndoableEdit } from '../../../src/manage/undo/edits.svelte';
import { KeptAct } from '../../../src/manage/undo/kept-act';
import { PictureChanges } from '../../../src/pictures/picture-changes.svelte';
import { createImage } from '../../fixtures';
import { createStorage } from '../../storage';

let library: Map<string, Image>;
let requests: EditRequest[];
let errors: Error[];
/** What the library refuses at once, by credit. */
let refused: Map<string, Error>;
let owner: string;
let changes: PictureChanges;
let edits: Edits;
let storage: ReturnType<typeof createStorage>;
const onoffer = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  library = new Map();
  requests = [];
  errors = [];
  refused = new Map();
  owner = 'alice';
  changes = new PictureChanges();
  onoffer.mockClear();
  storage = createStorage();
  edits = createEdits();
});
afterEach(() => vi.useRealTimers());

/** As a page has them that was just loaded. `room`: how long the kept edit may be. */
function createEdits(room?: number, getSeconds = async () => 60): Edits {
  return new Edits({
    api: { editImages, listUploadsById: async () => [] },
    changes,
    clock: localClock,
    getOwner: () => owner,
    getSeconds,
    onoffer,
    kept: new KeptAct(storage, 'edit', isUndoableEdit, room),
  });
}

/** As the library answers: an error comes after the request was carried out. */
async function editImages(request: EditRequest): Promise<EditAnswer[]> {
  requests.push(request);
  const refusal = refused.get(request.set?.credit ?? '');
  if (refusal !== undefined) throw refusal;
  // The others take longer than a refusal.
  await Promise.resolve();
  const answers = request.ids.map((id) => editOne(id, request));
  const error = errors.shift();
  if (error !== undefined) throw error;
  return answers;
}

function editOne(id: string, { set, revisions }: EditRequest): EditAnswer {
  const image = library.get(id);
  if (image === undefined) return { id, state: 'gone' };
  const edited = { ...image, ...set } as Image;
  if (JSON.stringify(edited) === JSON.stringify(image)) return { id, state: 'unchanged', image };
  if (revisions?.[id] !== image.revision) {
    return { id, state: 'rejected', error: { code: 'edited-meanwhile', detail: 'Edited.' } };
  }
  edited.revision++;
  library.set(id, edited);
  return { id, state: 'edited', image: edited };
}

/** An edit of the credit of so many pictures, which had these credits. */
async function change(count: number, getCredit: (index: number) => string = () => 'Eve'): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `id-${index}`);
  const record = edits.record(
    new Map(ids.map((id, index) => [id, { ...createImage(id), credit: getCredit(index) }])),
  );
  await record.read(ids, {});
  for (const id of ids) {
    library.set(id, { ...createImage(id), credit: 'Bob', revision: 1 });
    record.note(id, 'edited', library.get(id), ['credit']);
  }
  await edits.offer(record, (id) => `${id}.jpg`);
  return ids;
}

function undo() {
  const ids = edits.latest?.reversals.map(({ id }) => id) ?? [];
  return run(new Batch(ids, async () => undefined));
}

async function run(batch: Batch) {
  return (await edits.undo(batch)).failures;
}

it('gives a thousand pictures back what each of them had, those with the same together', async () => {
  await change(1000, (index) => (index % 3 === 0 ? 'Eve' : ''));
  expect(edits.latest).toMatchObject({ what: '1,000 pictures', lostCount: 0 });
  expect(onoffer).toHaveBeenCalledOnce();
  expect(await undo()).toEqual([]);
  expect([...library.values()].map(({ credit }) => credit)).toEqual(
    Array.from({ length: 1000 }, (_, index) => (index % 3 === 0 ? 'Eve' : '')),
  );
  expect(requests).toHaveLength(20);
  expect(changes.find('id-999')?.credit).toBe('Eve');
  expect([edits.latest, edits.undoCount]).toEqual([null, 1]);
});

it('leaves a picture as it is that somebody has changed since', async () => {
  await change(2);
  library.set('id-0', { ...createImage('id-0'), credit: 'Mallory', revision: 2 });
  const failures = await undo();
  expect(failures).toEqual([
    { id: 'id-0', reason: 'Somebody has changed the picture since. It stays as it is now.' },
  ]);
  expect(library.get('id-0')?.credit).toBe('Mallory');
  expect(library.get('id-1')?.credit).toBe('Eve');
  expect(edits.latest).toBeNull();
});

it('sends a request again whose answer was lost', async () => {
  await change(2);
  errors = [new NetworkError()];
  expect(await undo()).toEqual([]);
  expect(requests).toHaveLength(2);
});

it('waits for the network, however long, and the time that is left does not end it', async () => {
  await change(2);
  errors = Array.from({ length: 9 }, () => new NetworkError());
  const batch = new Batch(['id-0', 'id-1'], async () => void vi.advanceTimersByTime(10_000));
  expect(await run(batch)).toEqual([]);
  expect(requests).toHaveLength(10);
  expect([library.get('id-0')?.credit, edits.latest]).toEqual(['Eve', null]);
});

it('can be stopped while it waits, and is offered again where there is time left', async () => {
  for (const [ms, isOffered] of [
    [0, true],
    [60_000, false],
  ] as const) {
    await change(2);
    requests = [];
    errors = [new NetworkError()];
    const batch: Batch = new Batch(['id-0', 'id-1'], async () => {
      vi.advanceTimersByTime(ms);
      expect(edits.latest?.what).toBe('2 pictures');
      batch.stop();
    });
    expect((await run(batch)).map(({ reason }) => reason)).toEqual([
      'Stopped before an answer came.',
      'Stopped before an answer came.',
    ]);
    expect(requests).toHaveLength(1);
    vi.advanceTimersByTime(0);
    expect(edits.latest !== null).toBe(isOffered);
  }
});

it.each(['it is stopped', 'somebody else has signed in'])(
  'sends nothing more of pictures with many different values once %s',
  async (event) => {
    const ids = await change(12, (index) => `Eve ${index}`);
    const batch = new Batch(ids, async () => undefined);
    const undoing = run(batch);
    await vi.waitFor(() => expect(requests).toHaveLength(4));
    if (event === 'it is stopped') batch.stop();
    else owner = 'bob';
    expect(await undoing).toHaveLength(8);
    expect(requests).toHaveLength(4);
    expect(batch.failures[0]).toEqual({ id: 'id-4', reason: 'Stopped before it was sent.' });
  },
);

it('sends nothing more once somebody else has signed in', async () => {
  await change(2);
  errors = [new NetworkError()];
  const batch = new Batch(['id-0', 'id-1'], async () => void (owner = 'bob'));
  expect(await run(batch)).toHaveLength(2);
  expect(requests).toHaveLength(1);
});

it('that was undone before its time was known is offered no more', async () => {
  let answer: (seconds: number) => void = () => undefined;
  edits = createEdits(undefined, () => new Promise((resolve) => (answer = resolve)));
  const changed = change(1);
  await vi.waitFor(() => expect(edits.latest).not.toBeNull());
  errors = [new NetworkError()];
  const batch = new Batch(['id-0'], async () => {
    answer(60);
    await changed;
  });
  expect(await run(batch)).toEqual([]);
  expect(edits.latest).toBeNull();
});

it('that was stopped before its time was known is offered no longer than others', async () => {
  let answer: (seconds: number) => void = () => undefined;
  edits = createEdits(undefined, () => new Promise((resolve) => (answer = resolve)));
  const changed = change(2);
  await vi.waitFor(() => expect(edits.latest).not.toBeNull());
  errors = [new NetworkError()];
  const batch: Batch = new Batch(['id-0', 'id-1'], async () => batch.stop());
  expect(await run(batch)).toHaveLength(2);
  answer(60);
  await changed;
  expect(edits.latest).toMatchObject({ what: '2 pictures', until: Date.now() + 60_000 });
  vi.advanceTimersByTime(60_000);
  expect(edits.latest).toBeNull();
});

describe('another act meanwhile', () => {
  it('takes no offer away whose undo has begun, and any other', async () => {
    await change(2);
    errors = [new NetworkError()];
    const batch: Batch = new Batch(['id-0', 'id-1'], async () => {
      edits.giveWay();
      batch.stop();
    });
    expect(await run(batch)).toHaveLength(2);
    expect(edits.latest?.what).toBe('2 pictures');
    expect(createEdits().latest?.what).toBe('2 pictures');
    edits.giveWay();
    expect(edits.latest).toBeNull();
  });

  it('that is an edit, too, is offered, and what is left of the first can be undone all the same', async () => {
    await change(2);
    const first = edits.latest;
    errors = [new NetworkError()];
    const batch: Batch = new Batch(['id-0', 'id-1'], async () => {
      edits.offerOne(createImage('b'), { ...createImage('b'), name: 'Harbour', revision: 1 }, ['name']);
      batch.stop();
    });
    const { rest } = await edits.undo(batch, first);
    expect([rest?.what, rest?.id, edits.latest?.what]).toEqual(['2 pictures', first?.id, '“Harbour”']);
    expect(await edits.undo(new Batch(['id-0', 'id-1']), rest)).toEqual({ failures: [], rest: null });
    expect([library.get('id-0')?.credit, edits.latest?.what]).toEqual(['Eve', '“Harbour”']);
  });
});

it('offers once more what no request has reached', async () => {
  await change(150);
  const stop = new ApiError(401, 'token-expired', 'No.');
  errors = [];
  const original = edits.latest;
  let count = 0;
  library.delete('id-0');
  vi.spyOn(changes, 'noteCurrent').mockImplementation(() => {
    if (++count === 1) errors = [stop];
  });
  const failures = await undo();
  expect(failures).toHaveLength(51);
  expect(edits.latest?.reversals).toHaveLength(50);
  expect(edits.latest?.what).toBe('50 pictures');
  expect(edits.latest?.until).toBe(original?.until);
  vi.restoreAllMocks();
  expect(await undo()).toEqual([]);
  expect(library.get('id-149')?.credit).toBe('Eve');
});

it('offers nothing that has changed nothing, and nothing to another person', async () => {
  await change(0);
  expect([edits.latest, onoffer.mock.calls.length]).toEqual([null, 0]);
  await change(1);
  expect(edits.latest?.what).toBe('“id-0.jpg”');
  owner = 'bob';
  expect(edits.latest).toBeNull();
  expect(await run(new Batch(['id-0']))).toEqual([]);
  expect(requests).toEqual([]);
});

it('keeps nothing of an edit whose answer comes after somebody else has signed in', async () => {
  const record = edits.record(new Map([['a', { ...createImage('a'), credit: 'Eve' }]]));
  await record.read(['a'], {});
  record.note('a', 'edited', { ...createImage('a'), credit: 'Bob', revision: 1 }, ['credit']);
  owner = 'bob';
  await edits.offer(record, () => 'Secret title');
  expect(storage.length).toBe(0);
});

it('ends the offer after its time, or when it is dismissed', async () => {
  await change(1);
  expect(edits.latest?.until).toBe(Date.now() + 60_000);
  vi.advanceTimersByTime(60_001);
  expect(edits.latest).toBeNull();
  await change(1);
  edits.dismiss();
  expect(edits.latest).toBeNull();
});

it('offers to undo the edit of one picture', () => {
  const before = createImage('a');
  expect(edits.offerOne(before, { ...before, revision: 1 }, ['name'])).toBe(false);
  expect(edits.offerOne(before, { ...before, name: 'Harbour', revision: 1 }, ['name'])).toBe(true);
  expect(edits.latest).toMatchObject({
    what: '“Harbour”',
    reversals: [{ id: 'a', revision: 1, changes: { set: { name: 'a.jpg' } } }],
  });
});

it('counts what was undone before the sign-in ended, and sends only the others again', async () => {
  const ids = await change(8, (index) => `credit ${index}`);
  refused.set('credit 5', new ApiError(401, 'token-expired', 'No.'));
  const failures = await undo();
  expect(failures.map(({ id }) => id)).toEqual(['id-5']);
  expect(edits.latest).toMatchObject({ what: '1 picture', reversals: [{ id: 'id-5' }] });
  refused.clear();
  requests = [];
  expect(await undo()).toEqual([]);
  expect(requests.map((request) => request.ids)).toEqual([['id-5']]);
  expect(ids.map((id) => library.get(id)?.credit)).toEqual(ids.map((_, index) => `credit ${index}`));
});

it('undoes all others where one picture had a value that the library no longer takes', async () => {
  const ids = await change(130, (index) => `credit ${index}`);
  refused.set('credit 5', new ApiError(400, 'invalid-expires', 'It would have expired already.'));
  const failures = await undo();
  expect(failures).toEqual([{ id: 'id-5', reason: 'It would have expired already.' }]);
  expect(ids.filter((id) => library.get(id)?.credit === 'Bob')).toEqual(['id-5']);
  // It would be refused again.
  expect(edits.latest).toBeNull();
});

it('offers once more what something in front of the library has refused', async () => {
  await change(3, (index) => `credit ${index}`);
  refused.set('credit 1', new ApiError(403, 'unknown', ''));
  expect((await undo()).map(({ id }) => id)).toEqual(['id-1']);
  expect(edits.latest?.reversals.map(({ id }) => id)).toEqual(['id-1']);
});

describe('after a reload', () => {
  it('still undoes the edit, in the time that is left', async () => {
    await change(312, (index) => (index % 2 === 0 ? 'Eve' : ''));
    expect(edits.isKept).toBe(true);
    vi.advanceTimersByTime(20_000);
    edits = createEdits();
    expect(edits.latest).toMatchObject({ what: '312 pictures', owner: 'alice' });
    expect(edits.isKept).toBe(true);
    vi.advanceTimersByTime(39_000);
    expect(await undo()).toEqual([]);
    expect([library.get('id-0')?.credit, library.get('id-311')?.credit]).toEqual(['Eve', '']);
    expect(storage.length).toBe(0);
    expect(createEdits().latest).toBeNull();
  });

  it('offers what is left of an undo that has not reached all pictures', async () => {
    await change(150);
    const stop = new ApiError(401, 'token-expired', 'No.');
    errors = [null, stop] as Error[];
    await undo();
    const ids = edits.latest?.reversals.map(({ id }) => id);
    expect(ids?.length).toBeGreaterThan(0);
    expect(createEdits().latest?.reversals.map(({ id }) => id)).toEqual(ids);
  });

  it('offers nothing that has run out, was dismissed, or is of somebody else', async () => {
    await change(2);
    vi.advanceTimersByTime(60_000);
    expect([edits.latest, storage.length]).toEqual([null, 0]);
    await change(2);
    edits.dismiss();
    expect(createEdits().latest).toBeNull();
    await change(2);
    owner = 'bob';
    expect([createEdits().latest, storage.length]).toEqual([null, 0]);
    owner = 'alice';
    expect(createEdits().latest).toBeNull();
  });

  it('says that an edit is not kept for which there is no room, and offers no former one in its place', async () => {
    edits = createEdits(2000);
    await change(2);
    expect(edits.isKept).toBe(true);
    await change(100);
    expect([edits.isKept, storage.length]).toEqual([false, 0]);
    expect(edits.latest).toMatchObject({ what: '100 pictures' });
    expect(createEdits().latest).toBeNull();
  });
});
