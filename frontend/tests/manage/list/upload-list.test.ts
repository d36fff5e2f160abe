import { beforeEach, describe, expect, it } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { Image, Upload, UploadPage } from '../../../src/api/types';
import { localClock } from '../../../src/app/clock';
import { UploadList } from '../../../src/manage/list/upload-list.svelte';
import { PictureChanges } from '../../../src/pictures/picture-changes.svelte';
import { createImage } from '../../fixtures';

let changes: PictureChanges;
let uploads: Upload[];
let limits: (number | undefined)[];
let error: Error | null;
let asked: string[][];
let deletedCursors: (string | null)[];
let deletedError: Error | null;
let query: string;

beforeEach(() => {
  changes = new PictureChanges();
  uploads = Array.from({ length: 7 }, (_, index) => createUpload(`id-${index}`));
  limits = [];
  error = null;
  asked = [];
  deletedCursors = [];
  deletedError = null;
  query = '';
});

function createUpload(id: string, state: Upload['state'] = 'ready'): Upload {
  const name = `${id}.jpg`;
  return { id, name, file_name: name, state, created: '2026-05-01T12:00:00.000Z', image: createImage(id) };
}

/** Deleted pictures, one a page. */
async function loadDeleted(cursor: string | null): Promise<UploadPage> {
  deletedCursors.push(cursor);
  if (deletedError !== null) throw deletedError;
  const from = Number(cursor ?? 0);
  const pages = uploads.filter(({ state }) => state === 'deleted');
  return { uploads: pages.slice(from, from + 1), next: from + 1 < pages.length ? String(from + 1) : null };
}

/** Two a page, however many are asked for. */
function createList(onload: (cursor: string | null) => void = () => undefined): UploadList {
  return new UploadList({
    load: async (cursor, _, limit) => {
      limits.push(limit);
      onload(cursor);
      if (error !== null) throw error;
      const from = Number(cursor ?? 0);
      const next = from + 2 < uploads.length ? String(from + 2) : null;
      return { uploads: uploads.slice(from, from + 2), next } as never;
    },
    loadDeleted,
    listById: async (ids) => {
      asked.push(ids);
      return uploads.filter(({ id }) => ids.includes(id));
    },
    changes,
    clock: localClock,
    getQuery: () => query,
  });
}

function getIds(list: UploadList): string[] {
  return list.rows.map(({ id }) => id);
}

describe('a list of uploads', () => {
  it('loads page after page, all of them, or from the beginning', async () => {
    const list = createList();
    await list.refresh();
    await list.loadMore();
    expect(list.rows).toHaveLength(4);
    await list.loadAll();
    expect(list.rows).toHaveLength(7);
    expect(limits).toEqual([undefined, undefined, 100, 100]);
    expect(list.cursor).toBeNull();
    await list.refresh();
    expect(list.rows).toHaveLength(2);
  });

  it('loads as many uploads again as there were, and shows those before until then', async () => {
    const list = createList();
    await list.refresh(5);
    const ids = list.rows.map(({ id }) => id);
    expect(ids).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
    expect(limits).toEqual([100, 100, 100]);
    const again = list.refresh(5);
    await Promise.resolve();
    expect(list.rows).toHaveLength(6);
    await again;
    expect(list.rows.map(({ id }) => id)).toEqual(ids);
    await list.loadMore();
    expect(list.rows).toHaveLength(7);
    // There may be fewer by now.
    await list.refresh(50);
    expect(list.rows).toHaveLength(7);
  });

  it('shows rows as they come where there are none yet, and keeps them when a later page fails', async () => {
    const shown: number[] = [];
    const list = createList((cursor) => {
      shown.push(list.rows.length);
      if (cursor === '4' && shown.length === 3) throw new NetworkError();
    });
    await list.refresh(6);
    expect(shown).toEqual([0, 2, 4]);
    expect(list.state.name).toBe('error');
    expect(list.rows).toHaveLength(4);
    await list.refresh(6);
    expect(list.rows).toHaveLength(6);
    // Rows that are shown do not become fewer.
    await list.refresh(6);
    expect(shown.slice(3)).toEqual([4, 4, 4, 6, 6, 6]);
    expect(getIds(list)).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
  });

  it('goes on past pages on which no upload has the name that is looked for', async () => {
    const pages: Record<string, UploadPage> = {
      first: { uploads: [], next: 'second' },
      second: { uploads: [], next: 'third' },
      third: { uploads: [createUpload('id-0')], next: 'fourth' },
      fourth: { uploads: [], next: null },
    };
    const list = new UploadList({
      load: async (cursor) => pages[cursor ?? 'first'] as UploadPage,
      loadDeleted,
      listById: async () => [],
      changes,
      clock: localClock,
      getQuery: () => query,
    });
    await list.refresh();
    expect(getIds(list)).toEqual(['id-0']);
    expect(list.cursor).toBe('fourth');
    await list.loadMore();
    expect(getIds(list)).toEqual(['id-0']);
    expect(list.cursor).toBeNull();
  });

  it('knows how many uploads are in each state, also after changes', async () => {
    const numbers = { pending: 1, ready: 2, failed: 0, hidden: 0 };
    let counts: typeof numbers | undefined = numbers;
    const list = new UploadList({
      load: async (cursor, signal) => {
        if (error !== null) throw error;
        await Promise.resolve();
        signal.throwIfAborted();
        return {
          uploads: [createUpload('id-0', 'pending')],
          next: cursor === null ? '2' : null,
          counts,
        } as never;
      },
      loadDeleted,
      listById: async () => [createUpload('id-0')],
      changes,
      clock: localClock,
      getQuery: () => query,
    });
    await list.refresh();
    expect(list.counts).toEqual(numbers);
    counts = undefined;
    await list.loadMore();
    expect(list.counts).toEqual(numbers);
    counts = { ...numbers, ready: 3, pending: 0 };
    await list.update(['id-0']);
    await expect.poll(() => list.counts).toEqual(counts);
    counts = { ...numbers, ready: 4 };
    const first = list.refreshCounts();
    await Promise.all([first, list.refreshCounts()]);
    expect(list.counts?.ready).toBe(4);
    error = new NetworkError();
    await list.refreshCounts();
    expect(list.counts?.ready).toBe(4);
    list.stop();
  });

  it('knows all deleted pictures, whichever pages are loaded', async () => {
    uploads.push(createUpload('gone-1', 'deleted'), createUpload('gone-2', 'deleted'));
    const list = createList();
    await list.refresh();
    expect(list.deleted).toEqual([]);
    await list.loadDeleted();
    expect(list.deleted.map(({ id }) => id)).toEqual(['gone-1']);
    expect(list.areAllDeletedKnown).toBe(false);
    await list.loadAllDeleted();
    expect(list.deleted.map(({ id }) => id)).toEqual(['gone-1', 'gone-2']);
    expect(list.areAllDeletedKnown).toBe(true);
    // Each is there once, also when its page is loaded.
    await list.loadAll();
    expect(list.deleted.map(({ id }) => id)).toEqual(['gone-1', 'gone-2']);
    await list.refresh();
    changes.noteCurrent([createImage('gone-1')]);
    changes.noteDeleted(['gone-2'], 0);
    expect(list.deleted).toEqual([]);
  });

  it('asks for one page of deleted pictures, and for the others when they are wanted', async () => {
    const ids = Array.from({ length: 5 }, (_, index) => `gone-${index}`);
    uploads = ids.map((id) => createUpload(id, 'deleted'));
    const list = createList();
    await list.loadDeleted();
    expect(deletedCursors).toEqual([null]);
    deletedError = new NetworkError();
    await expect(list.loadAllDeleted()).rejects.toBe(deletedError);
    expect([list.deleted.length, list.areAllDeletedKnown]).toEqual([1, false]);
    deletedError = null;
    await list.loadAllDeleted();
    await list.loadAllDeleted();
    expect(list.deleted.map(({ id }) => id)).toEqual(ids);
    expect(deletedCursors).toEqual([null, '1', '1', '2', '3', '4']);
  });

  it('looks behind deleted pictures whose time is over', async () => {
    uploads = ['gone-0', 'gone-1', 'gone-2'].map((id) => createUpload(id, 'deleted'));
    Object.assign(uploads[0] ?? {}, { restorable_until: new Date(Date.now() - 1000).toISOString() });
    const list = createList();
    await list.loadDeleted();
    expect(list.deleted.map(({ id }) => id)).toEqual(['gone-1']);
    expect(deletedCursors).toEqual([null, '1']);
  });

  it('keeps what it has when a page fails', async () => {
    const list = createList();
    await list.refresh();
    error = new NetworkError();
    await list.loadMore();
    expect(list.state.name).toBe('error');
    expect(list.rows).toHaveLength(2);
    error = null;
    await list.loadMore();
    expect(list.rows).toHaveLength(4);
  });

  it('tries again what has failed: further pages, or the refresh with as many rows as before', async () => {
    const list = createList();
    await list.refresh();
    for (const fail of [() => list.loadMore(), () => list.loadAll(), () => list.refresh(7)]) {
      const before = list.rows.length;
      error = new NetworkError();
      await fail();
      expect(list.state.name).toBe('error');
      expect(list.rows).toHaveLength(before);
      error = null;
      const isRefresh = before === 7;
      if (isRefresh) uploads = uploads.slice(1);
      await list.retry();
      expect(list.state.name).toBe('idle');
      expect(list.rows).toHaveLength(isRefresh ? 6 : before === 2 ? 4 : 7);
    }
    expect(getIds(list)[0]).toBe('id-1');
  });

  it('does not show the uploads of one filter as those of another one whose first page fails', async () => {
    const list = createList();
    await list.refresh();
    query = 'failed';
    error = new NetworkError();
    await list.refresh();
    expect(list.rows).toEqual([]);
    expect(list.cursor).toBeNull();
    error = null;
    uploads = [createUpload('bad-0', 'failed'), createUpload('bad-1', 'failed')];
    await list.retry();
    expect(getIds(list)).toEqual(['bad-0', 'bad-1']);
    // They are this filter's.
    error = new NetworkError();
    await list.refresh();
    expect(getIds(list)).toEqual(['bad-0', 'bad-1']);
  });

  it('shows what this tab has changed of its rows also after a refresh of several pages broke off', async () => {
    let isBroken = false;
    const list = createList((cursor) => {
      if (isBroken && cursor === '2') throw new NetworkError();
    });
    await list.refresh();
    await list.loadAll();
    const edited = { ...createImage('id-0'), name: 'new', revision: 1 };
    changes.noteCurrent([edited]);
    changes.noteDeleted(['id-1'], Date.now() + 60_000);
    uploads[0] = { ...createUpload('id-0'), name: 'new', image: edited };
    uploads[1] = { ...createUpload('id-1', 'deleted') };
    const expected = ['new', 'id-2.jpg', 'id-3.jpg', 'id-4.jpg', 'id-5.jpg', 'id-6.jpg'];
    isBroken = true;
    await list.refresh(7);
    expect(list.state.name).toBe('error');
    expect(list.rows.map(({ name }) => name)).toEqual(expected);
    expect(changes.find('id-0')).not.toBeNull();
    // Once the rows are those of the answers, nothing needs to be remembered.
    isBroken = false;
    await list.retry();
    expect(list.rows.map(({ name }) => name)).toEqual(expected);
    expect(changes.find('id-0')).toBeNull();
  });

  it('shows what this tab has changed', async () => {
    const list = createList();
    await list.refresh();
    changes.noteCurrent([{ ...createImage('id-0'), name: 'new', revision: 1 }]);
    changes.noteDeleted(['id-1'], Date.now() + 1000);
    expect(list.rows.map(({ id, name }) => [id, name])).toEqual([['id-0', 'new']]);
    expect(list.deleted.map(({ id, state }) => [id, state])).toEqual([['id-1', 'deleted']]);
    changes.noteCurrent([createImage('id-1')]);
    expect(getIds(list)).toEqual(['id-0', 'id-1']);
    changes.noteDeleted(['id-1'], 0);
    expect(list.deleted).toEqual([]);
  });

  it('knows a picture that was hidden by an edit, and that one that was shown again is not ready yet', async () => {
    uploads = [createUpload('shown'), createUpload('unhidden', 'hidden')];
    const list = createList();
    await list.refresh();
    const embargo = new Date(Date.now() + 1e9).toISOString();
    changes.noteCurrent([{ ...createImage('shown'), embargo }, createImage('unhidden')]);
    expect(list.rows.map(({ state }) => state)).toEqual(['hidden', 'pending']);
  });

  it('believes the API about what was changed before it was asked, and this tab about later changes', async () => {
    changes.noteDeleted(['id-0'], Date.now() + 1000);
    const list = createList();
    const refreshed = list.refresh();
    changes.noteDeleted(['id-1'], Date.now() + 1000);
    await refreshed;
    expect(getIds(list)).toEqual(['id-0']);
    expect(list.deleted.map(({ id }) => id)).toEqual(['id-1']);
  });

  it('knows which states may change by themselves', async () => {
    const past = new Date(Date.now() - 1000).toISOString();
    const future = new Date(Date.now() + 1e9).toISOString();
    const states: [string, Upload['state'], Partial<Image>][] = [
      ['pending', 'pending', {}],
      ['embargo-over', 'hidden', { embargo: past }],
      ['embargoed', 'hidden', { embargo: future }],
      ['just-expired', 'ready', { expires: past }],
      ['expiring', 'ready', { expires: future }],
      ['expired', 'hidden', { expires: past }],
      ['failed', 'failed', {}],
    ];
    uploads = states.map(([id, state, changed]) => ({
      ...createUpload(id, state),
      image: { ...createImage(id), ...changed },
    }));
    const list = createList();
    await list.refresh();
    await list.loadAll();
    expect(list.listUnsettled()).toEqual(['pending', 'embargo-over', 'just-expired']);
  });

  it('takes the states of some uploads as they are by now, and drops those that are gone', async () => {
    uploads = [createUpload('a', 'pending'), createUpload('b', 'pending')];
    const list = createList();
    await list.refresh();
    expect(await list.update(['a', 'b'])).toBe(false);
    uploads = [createUpload('a')];
    expect(await list.update(['a', 'b'])).toBe(true);
    expect(list.rows.map(({ id, state }) => [id, state])).toEqual([['a', 'ready']]);
    expect(asked).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('does not believe what was asked before it was loaded anew', async () => {
    uploads = [createUpload('a', 'pending')];
    const list = createList();
    await list.refresh();
    const updated = list.update(['a']);
    uploads = [createUpload('a')];
    await list.refresh();
    expect(await updated).toBe(false);
    expect(list.rows[0]?.state).toBe('ready');
  });

  it('shows pictures that were brought back, also those that were deleted before it was loaded', async () => {
    const restored = uploads.splice(0, 1);
    const list = createList();
    await list.refresh();
    await list.loadMore();
    expect(getIds(list)).toEqual(['id-1', 'id-2', 'id-3', 'id-4']);
    uploads.unshift(...restored);
    await list.showRestored(['id-0', 'id-1']);
    expect(getIds(list)).toEqual(['id-0', 'id-1', 'id-2', 'id-3']);
  });

  it('keeps its pages where pictures that were brought back have rows', async () => {
    const list = createList();
    await list.refresh();
    await list.loadMore();
    changes.noteDeleted(['id-0'], Date.now() + 60_000);
    expect(getIds(list)).toEqual(['id-1', 'id-2', 'id-3']);
    changes.noteCurrent([createImage('id-0')]);
    await list.showRestored(['id-0']);
    expect(getIds(list)).toEqual(['id-0', 'id-1', 'id-2', 'id-3']);
    // The last request is for the numbers only.
    expect(limits).toEqual([undefined, undefined, 1]);
  });

  it('forgets an upload that was cancelled', async () => {
    const list = createList();
    await list.refresh();
    list.remove(['id-0']);
    expect(getIds(list)).toEqual(['id-1']);
  });
});
