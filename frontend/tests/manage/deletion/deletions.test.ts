import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type { DeletionAnswer, RestorationAnswer, Upload } from '../../../src/api/types';
import { localClock } from '../../../src/app/clock';
import { Batch } from '../../../src/manage/batch/batch.svelte';
import { Deletions, isDeletion } from '../../../src/manage/deletion/deletions.svelte';
import { PictureChanges } from '../../../src/pictures/picture-changes.svelte';
import { KeptAct } from '../../../src/manage/undo/kept-act';
import { createImage } from '../../fixtures';
import { createStorage } from '../../storage';

const TEN_MINUTES = 600_000;
const UNANSWERED = 'Stopped before an answer came.';

let changes: PictureChanges;
let deletions: Deletions;
let owner: string | null;
let isDown: boolean;
/** How many requests to restore were sent, and how many of them find no network. */
let restorations: number;
let outage: number;
/** How many requests to delete are carried out although their answers are lost, and which of them find no network. */
let lost: number;
let loss: Error;
let findsNetwork: (request: number) => boolean;
let requests: number;
/** What requests to delete wait for. */
let gate: Promise<void>;
let storage: ReturnType<typeof createStorage>;
/** What the library has, and what of it is deleted. */
let library: Map<string, 'ready' | 'deleted'>;

beforeEach(() => {
  vi.useFakeTimers();
  changes = new PictureChanges();
  owner = 'alice';
  isDown = false;
  restorations = 0;
  outage = 0;
  lost = 0;
  loss = new NetworkError();
  requests = 0;
  findsNetwork = () => true;
  gate = Promise.resolve();
  library = new Map([
    ['a', 'ready'],
    ['b', 'ready'],
  ]);
  storage = createStorage();
  deletions = createDeletions();
});
afterEach(() => vi.useRealTimers());

/** As a page has them that was just loaded. */
function createDeletions(): Deletions {
  return new Deletions({
    api: {
      deleteImages: async (ids) => {
        requests += 1;
        if (!findsNetwork(requests)) throw new NetworkError();
        await gate;
        const answers = ids.map(deleteOne);
        if (requests <= lost) throw loss;
        return answers;
      },
      restoreImages: async (ids) => {
        restorations += 1;
        if (restorations <= outage) throw new NetworkError();
        return ids.map(restoreOne);
      },
      cancelUpload: async (id) => {
        // The library keeps what was a picture before.
        if (id === 'a') library.set(id, 'deleted');
        else library.delete(id);
      },
      listUploadsById: async (ids) => {
        if (isDown) throw new NetworkError('down');
        return ids.filter((id) => library.get(id) === 'deleted').map(describeDeleted);
      },
    },
    changes,
    clock: localClock,
    getOwner: () => owner,
    onoffer: () => undefined,
    kept: new KeptAct(storage, 'deletion', isDeletion),
  });
}

function deleteOne(id: string): DeletionAnswer {
  if (!library.has(id)) return { id, state: 'gone' };
  library.set(id, 'deleted');
  return { id, state: 'deleted', restorable_until: new Date(Date.now() + TEN_MINUTES).toISOString() };
}

function describeDeleted(id: string): Upload {
  const created = new Date().toISOString();
  const restorable_until = new Date(Date.now() + TEN_MINUTES).toISOString();
  const name = `${id}.jpg`;
  return { id, name, file_name: name, state: 'deleted', created, restorable_until };
}

function restoreOne(id: string): RestorationAnswer {
  if (library.get(id) !== 'deleted') return { id, state: 'gone' };
  library.set(id, 'ready');
  return { id, state: 'ready', image: createImage(id) };
}

function remove(...ids: string[]) {
  return deletions.delete(new Batch(ids), (id) => `${id}.jpg`);
}

describe('forgetting an upload that has failed', () => {
  it('is a deletion that can be undone where it was a picture before', async () => {
    expect(await deletions.forget('a', 'a.jpg')).toBe(true);
    expect(deletions.latest).toMatchObject({ ids: ['a'], what: '“a.jpg”', owner: 'alice' });
    expect(changes.getRestorableUntil('a')).toBe(Date.now() + TEN_MINUTES);
    await deletions.restore(new Batch(['a']));
    expect(library.get('a')).toBe('ready');
    expect([deletions.latest, deletions.restored]).toEqual([null, ['a']]);
  });

  it('is for good where it never was one', async () => {
    expect(await deletions.forget('b', 'b.jpg')).toBe(false);
    expect(deletions.latest).toBeNull();
  });

  it('is done although the library does not say whether it can be undone', async () => {
    isDown = true;
    expect(await deletions.forget('a', 'a.jpg')).toBe(false);
    expect(library.get('a')).toBe('deleted');
  });
});

describe('a deletion', () => {
  it('is offered to be undone to whoever deleted, and to nobody else', async () => {
    await remove('a');
    for (const other of ['bob', null]) {
      owner = other;
      expect(deletions.latest).toBeNull();
    }
    owner = 'alice';
    expect(deletions.latest?.ids).toEqual(['a']);
  });

  it('takes pictures out of every list, and brings them back', async () => {
    const images = [createImage('a'), createImage('b')];
    expect(await remove('a')).toEqual([]);
    expect(changes.apply(images).map(({ id }) => id)).toEqual(['b']);
    expect(deletions.latest).toMatchObject({ ids: ['a'], what: '“a.jpg”' });

    expect(await deletions.restore(new Batch(['a']))).toEqual([]);
    expect(changes.apply(images).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(deletions.latest).toBeNull();
  });

  it('can be undone for as long as the library says', async () => {
    await remove('a', 'b');
    expect(deletions.latest?.what).toBe('2 pictures');
    vi.advanceTimersByTime(TEN_MINUTES - 1);
    expect(deletions.latest).not.toBeNull();
    vi.advanceTimersByTime(1);
    expect(deletions.latest).toBeNull();
  });

  it('can be undone for its own time, though another one came before', async () => {
    await remove('a');
    vi.advanceTimersByTime(TEN_MINUTES / 2);
    await remove('b');
    vi.advanceTimersByTime(TEN_MINUTES / 2);
    expect(deletions.latest?.ids).toEqual(['b']);
  });

  it('of a picture that is gone already is no failure, and nothing to undo', async () => {
    expect(await remove('gone')).toEqual([]);
    expect(deletions.latest).toBeNull();
    expect(changes.getRestorableUntil('gone')).toBe(0);
  });

  it('that comes back too late says so', async () => {
    await remove('a');
    library.delete('a');
    const [failure] = await deletions.restore(new Batch(['a']));
    expect(failure).toEqual({ id: 'a', reason: 'The time to restore the picture is over.' });
    expect(changes.getRestorableUntil('a')).toBe(0);
  });

  it('that is no longer shown can still be undone from the list', async () => {
    await remove('a');
    deletions.dismiss();
    expect(deletions.latest).toBeNull();
    expect(await deletions.restore(new Batch(['a']))).toEqual([]);
    expect(library.get('a')).toBe('ready');
  });
});

it('of which the library tells an error, although it was carried out, can be undone', async () => {
  lost = 99;
  // The database has gone before it has answered the commit.
  loss = new ApiError(503, 'database-unavailable', 'The database cannot be reached just now.');
  const batch = new Batch(['a'], async () => undefined);
  expect(await deletions.delete(batch, (id) => `${id}.jpg`)).toEqual([]);
  expect(deletions.latest).toMatchObject({ ids: ['a'], what: '“a.jpg”' });
  expect(changes.getRestorableUntil('a')).toBe(Date.now() + TEN_MINUTES);
});

describe('a deletion that waits for the network', () => {
  const getName = (id: string): string => `${id}.jpg`;

  it('is found out about, and can be undone, where it is stopped after its answer was lost', async () => {
    lost = 1;
    const batch: Batch = new Batch(['a', 'b'], async () => {
      library.set('b', 'ready');
      batch.stop();
    });
    expect(await deletions.delete(batch, getName)).toEqual([
      { id: 'b', reason: UNANSWERED, isUnknown: true },
    ]);
    expect(batch.changed).toEqual(['a']);
    expect(changes.getRestorableUntil('a')).toBe(Date.now() + TEN_MINUTES);
    expect(deletions.latest).toMatchObject({ ids: ['a'], what: '“a.jpg”' });
  });

  it('may have been carried out where the library does not say whether it was', async () => {
    lost = 1;
    isDown = true;
    const batch: Batch = new Batch(['a'], async () => batch.stop());
    expect(await deletions.delete(batch, getName)).toEqual([
      { id: 'a', reason: UNANSWERED, isUnknown: true },
    ]);
    expect(deletions.latest).toBeNull();
  });

  it('ends once somebody else has signed in, who is told nothing of it', async () => {
    lost = 1;
    const batch = new Batch(['a'], async () => void (owner = 'bob'));
    expect(await deletions.delete(batch, getName)).toEqual([
      { id: 'a', reason: UNANSWERED, isUnknown: true },
    ]);
    owner = 'alice';
    expect([requests, deletions.latest]).toEqual([1, null]);
  });

  it('leaves nothing in the tab where its answer comes after the sign-out', async () => {
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const deleting = remove('a');
    owner = null;
    open();
    expect(await deleting).toEqual([]);
    expect([library.get('a'), storage.length]).toEqual(['deleted', 0]);
  });

  it('offers to undo what there is still time for', async () => {
    const ids = Array.from({ length: 150 }, (_, index) => `id-${index}`);
    for (const id of ids) library.set(id, 'ready');
    findsNetwork = (request) => request !== 2;
    const batch = new Batch(ids, async () => void vi.advanceTimersByTime(TEN_MINUTES));
    expect(await deletions.delete(batch, getName)).toEqual([]);
    expect(deletions.latest).toMatchObject({ ids: ids.slice(100), what: '50 pictures' });
    vi.advanceTimersByTime(TEN_MINUTES - 1);
    expect(deletions.latest).not.toBeNull();
  });
});

describe('a restoration', () => {
  const restore = (batch: Batch) => deletions.restore(batch, { isPatient: true });

  it('waits for the network where it is to, and the time that is left does not end it', async () => {
    await remove('a');
    outage = 9;
    const late = new Batch(['a'], async () => void vi.advanceTimersByTime(TEN_MINUTES));
    expect(await restore(late)).toEqual([]);
    expect([restorations, library.get('a'), deletions.latest]).toEqual([10, 'ready', null]);
    // From the list, nobody could stop it.
    await remove('a');
    outage = 99;
    expect(await deletions.restore(new Batch(['a'], async () => undefined))).toHaveLength(1);
    expect(restorations).toBe(15);
  });

  it('keeps its offer beyond the time, though others are restored meanwhile', async () => {
    await remove('a', 'b');
    outage = 1;
    let go: () => void = () => undefined;
    const batch = new Batch(['a', 'b'], () => new Promise((resolve) => (go = resolve)));
    const restoring = restore(batch);
    await vi.advanceTimersByTimeAsync(0);
    await deletions.restore(new Batch(['c']));
    await deletions.restore(new Batch(['b']));
    vi.advanceTimersByTime(TEN_MINUTES);
    expect(deletions.latest?.ids).toEqual(['a']);
    batch.stop();
    go();
    await restoring;
    await vi.advanceTimersByTimeAsync(0);
    expect([deletions.latest, storage.length]).toEqual([null, 0]);
  });

  it('that was stopped is offered again where there is time left', async () => {
    for (const [ms, isOffered] of [
      [0, true],
      [TEN_MINUTES, false],
    ] as const) {
      await remove('a', 'b');
      outage = 99;
      const batch: Batch = new Batch(['a', 'b'], async () => {
        vi.advanceTimersByTime(ms);
        expect(deletions.latest?.what).toBe('2 pictures');
        batch.stop();
      });
      expect((await restore(batch)).map(({ reason }) => reason)).toContain(UNANSWERED);
      vi.advanceTimersByTime(0);
      expect(deletions.latest !== null).toBe(isOffered);
    }
  });

  it('of some pictures leaves the others to be undone, also after a reload', async () => {
    const ids = Array.from({ length: 150 }, (_, index) => `id-${index}`);
    for (const id of ids) library.set(id, 'ready');
    await remove(...ids);
    const batch: Batch = new Batch(ids);
    const restoring = restore(batch);
    batch.stop();
    expect(await restoring).toHaveLength(50);
    for (const page of [deletions, createDeletions()]) {
      expect(page.latest).toMatchObject({ what: '50 pictures', ids: ids.slice(100) });
    }
  });

  it('sends nothing more once somebody else has signed in', async () => {
    await remove('a');
    outage = 1;
    expect(await restore(new Batch(['a'], async () => void (owner = 'bob')))).toHaveLength(1);
    expect(restorations).toBe(1);
  });
});

it('offers to restore after a reload, for as long as there is time, to whoever has deleted', async () => {
  await remove('a', 'b');
  vi.advanceTimersByTime(TEN_MINUTES - 1000);
  deletions = createDeletions();
  expect(deletions.latest).toMatchObject({ ids: ['a', 'b'], what: '2 pictures' });
  vi.advanceTimersByTime(1000);
  expect([deletions.latest, storage.length]).toEqual([null, 0]);
  library.set('a', 'ready');
  await remove('a');
  deletions = createDeletions();
  await deletions.restore(new Batch(['a']));
  expect([library.get('a'), storage.length]).toEqual(['ready', 0]);
  await remove('a');
  owner = 'bob';
  expect([createDeletions().latest, storage.length]).toEqual([null, 0]);
});
