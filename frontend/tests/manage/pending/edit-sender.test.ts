// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type {
  EditAnswer,
  EditRequest,
  ErrorPlace,
  Image,
  ImageChanges,
  Upload,
} from '../../../src/api/types';
import { announcer } from '../../../src/app/announcer.svelte';
import { EditSender } from '../../../src/manage/pending/edit-sender.svelte';
import { EditRecord } from '../../../src/manage/reversal/edit-record';
import type { Reversal } from '../../../src/manage/reversal/reversal';
import type { PendingEdit } from '../../../src/upload/keeping/pending-records';
import { createImage } from '../../fixtures';

/** The pictures of the library, by id. */
let library: Map<string, Image>;
let owner: string | null;
/** What the next requests fail with; null for one that succeeds. */
let failures: (Error | null)[];
let refusals: number;
let offered: { reversals: readonly Reversal[]; lostCount: number }[];
let told: string[];

beforeEach(() => {
  library = new Map(['a', 'b', 'c'].map((id) => [id, createImage(id)]));
  owner = 'alice';
  failures = [];
  refusals = 0;
  offered = [];
  told = [];
  vi.spyOn(announcer, 'announce').mockImplementation((text) => void told.push(String(text)));
});
afterEach(() => void vi.restoreAllMocks());

function fail(): void {
  const failure = failures.shift() ?? null;
  if (failure !== null) throw failure;
}

function change(id: string, set: Partial<Image>): Image {
  const before = library.get(id)!;
  const after = { ...before, ...set, revision: before.revision + 1 };
  library.set(id, after);
  return after;
}

const editImage = vi.fn(async (id: string, changes: ImageChanges, revision: number): Promise<Image> => {
  fail();
  const image = library.get(id);
  if (image === undefined) throw new ApiError(404, 'not-found', 'There is no such picture.');
  if (image.revision !== revision) throw new ApiError(412, 'edited-meanwhile', 'Edited meanwhile.');
  return change(id, changes as Partial<Image>);
});

const editImages = vi.fn(async ({ ids, set, revisions = {} }: EditRequest): Promise<EditAnswer[]> => {
  fail();
  return ids.map((id): EditAnswer => {
    const image = library.get(id);
    if (image === undefined) return { id, state: 'gone' };
    if (Object.entries(set ?? {}).every(([name, value]) => image[name as 'credit'] === value))
      return { id, state: 'unchanged', image };
    const isStale = revisions[id] !== undefined && revisions[id] !== image.revision;
    const error = { code: 'edited-meanwhile', detail: 'Edited meanwhile.' } as EditAnswer['error'];
    if (isStale) return { id, state: 'rejected', error } as EditAnswer;
    return { id, state: 'edited', image: change(id, set as Partial<Image>) };
  });
});

const listUploadsById = async (ids: string[]): Promise<Upload[]> =>
  ids.flatMap((id) => (library.has(id) ? [{ id, image: library.get(id) } as Upload] : []));

/** `wait` resolves once the sender goes on after a failure. */
function create(wait: () => Promise<void> = async () => undefined): EditSender {
  editImage.mockClear();
  editImages.mockClear();
  return new EditSender({
    api: { editImages, listUploadsById },
    editApi: { editImage, getCurrentImage: async (id) => library.get(id)! },
    changes: { noteCurrent: () => undefined },
    edits: {
      record: (shown) => new EditRecord({ listUploadsById }, shown, owner),
      offer: async (record) => void (record.reversals.length > 0 && offered.push(record)),
    },
    getOwner: () => owner,
    onrefused: () => void (refusals += 1),
    wait,
  });
}

function caption(id: string, description: string): PendingEdit {
  return { image: createImage(id), set: { description } };
}

const BOTH: PendingEdit = {
  pictures: new Map([
    ['a', 'a.jpg'],
    ['b', 'b.jpg'],
  ]),
  edit: { set: { credit: 'Ann' } },
};

it('saves edits of one and of many pictures one after another, and offers to undo them', async () => {
  const sender = create();
  await sender.send([BOTH, caption('b', 'A boat'), caption('c', 'A crane')]);
  expect([...library.values()].map(({ credit, description }) => [credit, description])).toEqual([
    ['Ann', ''],
    ['Ann', 'A boat'],
    ['', 'A crane'],
  ]);
  expect([sender.failed, sender.unsaved, sender.isRunning]).toEqual([[], [], false]);
  expect(told).toEqual(['3 edits saved.']);
  expect(offered.map(({ reversals }) => reversals)).toEqual([
    [
      { id: 'a', revision: 1, changes: { set: { credit: '' } } },
      { id: 'b', revision: 2, changes: { set: { credit: '', description: '' } } },
      { id: 'c', revision: 1, changes: { set: { description: '' } } },
    ],
  ]);
});

it('waits for the network as long as it takes, and has what is left meanwhile', async () => {
  failures = [new NetworkError(), ...Array.from({ length: 20 }, () => new NetworkError())];
  const lefts: number[] = [];
  const sender: EditSender = create(async () => void lefts.push(sender.isAway ? sender.left.length : -1));
  const sending = sender.send([caption('a', 'A boat'), caption('b', 'A barn')]);
  expect(sender.unsaved).toHaveLength(2);
  await sending;
  expect(lefts).toEqual(Array(21).fill(2));
  expect(library.get('b')?.description).toBe('A barn');
});

it('saves once more what the library has not answered, and knows that it was saved', async () => {
  const sender = create();
  editImage.mockImplementationOnce(async (id, changes) => {
    change(id, changes as Partial<Image>);
    throw new NetworkError();
  });
  await sender.send([caption('a', 'A boat')]);
  expect([sender.failed, library.get('a')?.revision, told]).toEqual([[], 1, ['1 edit saved.']]);
});

it('does not ask for what is there already', async () => {
  const sender = create();
  await sender.send([
    { image: { ...createImage('a'), description: 'A boat' }, set: { description: 'A boat' } },
  ]);
  expect([editImage.mock.calls.length, sender.failed, offered]).toEqual([0, [], []]);
});

it('keeps another field that somebody else has changed since', async () => {
  change('a', { credit: 'Eve' });
  const sender = create();
  await sender.send([caption('a', 'A boat')]);
  expect(library.get('a')).toMatchObject({ credit: 'Eve', description: 'A boat' });
  expect(sender.failed).toEqual([]);
});

it('overwrites nothing that somebody else has changed since, unless it is sent once more', async () => {
  change('a', { description: 'A raft' });
  const sender = create();
  await sender.send([caption('a', 'A boat'), caption('b', 'A barn')]);
  expect([library.get('a')?.description, library.get('b')?.description]).toEqual(['A raft', 'A barn']);
  expect(sender.failed.map(({ reason }) => reason)).toEqual([
    'This was changed meanwhile (description): “A raft”. “Save” puts yours in its place.',
  ]);
  // A page that has not told of it does not overwrite it either.
  expect(sender.unsaved).toEqual([caption('a', 'A boat')]);
  await sender.sendAgain();
  expect([library.get('a')?.description, sender.failed]).toEqual(['A boat', []]);
});

it('overwrites nothing of many pictures that was changed since they were seen, either', async () => {
  change('a', { credit: 'Eve' });
  // The answer to the same edit was lost when the page ended.
  change('b', { credit: 'Ann' });
  const sender = create();
  const edit = { ...BOTH, revisions: new Map([...library.keys()].map((id) => [id, 0])) };
  await sender.send([edit]);
  expect(['a', 'b'].map((id) => library.get(id)?.credit)).toEqual(['Eve', 'Ann']);
  expect(sender.failed.map(({ reason }) => reason)).toEqual([
    'The picture was changed meanwhile. “Save” changes it all the same.',
  ]);
  expect(sender.unsaved).toEqual([{ ...edit, pictures: new Map([['a', 'a.jpg']]) }]);
  await sender.sendAgain();
  expect([library.get('a')?.credit, sender.failed]).toEqual(['Ann', []]);
});

it('does not take its own edits for those of somebody else', async () => {
  const sender = create();
  await sender.send([caption('a', 'A boat'), { ...BOTH, revisions: new Map([['a', 0]]) }]);
  expect([library.get('a')?.credit, sender.failed]).toEqual(['Ann', []]);
});

it('offers nobody to undo what somebody else has saved', async () => {
  const sender = create();
  let answer = (_: Image): void => undefined;
  editImage.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  const sending = sender.send([caption('a', 'A boat')]);
  sender.forget();
  owner = 'bob';
  answer(change('a', { description: 'A boat' }));
  await sending;
  await sender.send([caption('b', 'A barn')]);
  expect(offered.flatMap(({ reversals }) => reversals.map(({ id }) => id))).toEqual(['b']);
});

it('says what the library does not take, and which pictures are gone, and keeps that', async () => {
  library.delete('a');
  const place = { pointer: '/tags', code: 'too-many-tags', detail: 'There are 51 tags.' } as ErrorPlace;
  const long = new ApiError(422, 'unknown', 'Not valid.', null, [place]);
  failures = [null, long];
  const sender = create();
  await sender.send([BOTH, caption('b', 'A boat'), caption('a', 'A barn')]);
  expect(
    sender.failed.map(({ edit, reason }) => [
      'image' in edit ? edit.image.id : [...edit.pictures.keys()],
      reason,
    ]),
  ).toEqual([
    [['a'], 'The picture is no longer there.'],
    ['b', 'There are 51 tags.'],
    ['a', 'There is no such picture. It may have been deleted.'],
  ]);
  expect(told).toEqual([]);
  sender.discard();
  expect(sender.unsaved).toEqual([]);
});

it('keeps everything where the sign-in has run out, and asks for another one', async () => {
  failures = [new ApiError(401, 'token-expired', 'The token has expired.')];
  const sender = create();
  const edits = [caption('a', 'A boat'), BOTH];
  await sender.send(edits);
  expect([refusals, sender.isRunning, sender.unsaved]).toEqual([1, false, edits]);
  expect(sender.failed.map(({ reason }) => reason === '')).toEqual([false, false]);
  await sender.sendAgain();
  expect([library.get('a')?.description, sender.unsaved]).toEqual(['A boat', []]);
});

describe('an outage', () => {
  it('can be stopped, and everything that was not sent is kept', async () => {
    failures = [new NetworkError()];
    const sender: EditSender = create(async () => sender.stop());
    const edits = [caption('a', 'A boat'), caption('b', 'A barn')];
    await sender.send(edits);
    expect(sender.unsaved).toEqual(edits);
    expect(sender.failed.map(({ reason }) => reason)).toEqual([
      'Stopped before an answer came.',
      'Stopped before it was sent.',
    ]);
    expect(library.get('b')?.description).toBe('');
  });

  it.each(['alice', 'bob'])('saves nothing after a sign-out, though %s signs in', async (next) => {
    failures = [new NetworkError()];
    const sender: EditSender = create(async () => {
      sender.forget();
      owner = next;
    });
    await sender.send([caption('a', 'A boat'), BOTH]);
    expect([editImage.mock.calls.length, editImages.mock.calls.length, sender.unsaved]).toEqual([1, 0, []]);
    expect([told, refusals]).toEqual([[], 0]);
  });

  it('lets more edits come after those that wait', async () => {
    failures = [new NetworkError()];
    const sender: EditSender = create(async () => void sender.send([caption('b', 'A barn')]));
    await sender.send([caption('a', 'A boat')]);
    expect([library.get('a')?.description, library.get('b')?.description]).toEqual(['A boat', 'A barn']);
    expect(told).toEqual(['2 edits saved.']);
  });
});
