// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { announcer } from '../../../src/app/announcer.svelte';
import { contributorApi } from '../../../src/app/contributor-api';
import { pendingCounts } from '../../../src/app/pending-counts';
import { session } from '../../../src/app/session.svelte';
import { edits } from '../../../src/manage/library/library';
import { pendingDeletions, removal, resumeDeletions } from '../../../src/manage/library/removal.svelte';
import { undo } from '../../../src/manage/library/undo.svelte';
import type { PendingRecord } from '../../../src/upload/keeping/pending-records';
import { createImage, createToken } from '../../fixtures';

let isAway: boolean;

beforeEach(() => {
  isAway = true;
  vi.spyOn(contributorApi, 'listUploadsById').mockRejectedValue(new NetworkError());
  vi.spyOn(contributorApi, 'deleteImages').mockImplementation(async (ids) => {
    if (isAway) throw new NetworkError();
    return ids.map((id) => ({
      id,
      state: 'deleted',
      restorable_until: new Date(Date.now() + 600_000).toISOString(),
    }));
  });
  signIn('alice');
});
afterEach(() => {
  session.signOut();
  flushSync();
  vi.restoreAllMocks();
});

function signIn(sub: string): void {
  session.signIn(createToken({ sub, scope: 'upload', exp: Date.now() / 1000 + 600 }));
  flushSync();
}

it.each(['alice', 'bob'])(
  'deletes nothing after the sign-out of whoever wanted it, though %s signs in',
  async (sub) => {
    const deleting = removal.delete(['a'], new Map([['a', 'a.jpg']]));
    await vi.waitFor(() => expect(removal.batch?.isAway).toBe(true));
    session.signOut();
    flushSync();
    signIn(sub);
    isAway = false;
    dispatchEvent(new Event('online'));
    expect(await deleting).toEqual([]);
    expect(vi.mocked(contributorApi.deleteImages)).toHaveBeenCalledOnce();
    expect([removal.isRunning, removal.failed]).toEqual([false, []]);
  },
);

/** Whether the browser asks before it leaves the page. */
function asks(): boolean {
  const event = new Event('beforeunload', { cancelable: true });
  dispatchEvent(event);
  return event.defaultPrevented;
}

it('asks before the page is left while pictures are still to be deleted, and keeps which, for as long as they are', async () => {
  const keep = vi.spyOn(pendingDeletions!, 'keep');
  const readKept = () => [...(keep.mock.lastCall?.[0]?.pictures ?? [])];
  expect(asks()).toBe(false);
  const deleting = removal.delete(['a'], new Map([['a', 'a.jpg']]));
  flushSync();
  expect([asks(), readKept()]).toEqual([true, [['a', 'a.jpg']]]);
  removal.stop();
  flushSync();
  expect([asks(), readKept()]).toEqual([false, []]);
  await deleting;
  void removal.delete(['b'], new Map());
  flushSync();
  expect([asks(), readKept()]).toEqual([true, [['b', '']]]);
  session.signOut();
  flushSync();
  expect([asks(), readKept()]).toEqual([false, []]);
});

/** What a page of alice had still to delete. */
function createRecord(page: string, ...ids: string[]): PendingRecord {
  return { page, owner: 'alice', pictures: new Map(ids.map((id) => [id, `${id}.jpg`])), asked: 0 };
}

describe('of what a page that has ended had still to delete', () => {
  let dismiss: ReturnType<typeof vi.fn>;

  let records: readonly PendingRecord[];

  beforeEach(() => {
    records = [createRecord('first', 'a', 'b')];
    vi.spyOn(pendingDeletions!, 'left', 'get').mockImplementation(() => records);
    vi.spyOn(pendingDeletions!, 'look').mockResolvedValue();
    dismiss = vi.spyOn(pendingDeletions!, 'dismiss').mockResolvedValue();
  });

  it('tells the question before a sign-out how many there are', () => {
    expect(pendingCounts.deletions()).toBe(2);
    expect(asks()).toBe(false);
  });

  it('deletes nothing by itself, and on request goes on until it is done', async () => {
    const keep = vi.spyOn(pendingDeletions!, 'keep');
    expect(removal.isRunning).toBe(false);
    await resumeDeletions();
    // It is kept for this page first.
    expect(keep.mock.lastCall?.[0]?.pictures?.size).toBe(2);
    expect(keep.mock.invocationCallOrder[0]).toBeLessThan(dismiss.mock.invocationCallOrder[0] ?? 0);
    await vi.waitFor(() => expect(removal.batch?.isAway).toBe(true));
    isAway = false;
    dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(removal.isRunning).toBe(false));
    expect(vi.mocked(contributorApi.deleteImages)).toHaveBeenLastCalledWith(['a', 'b']);
    expect(undo.countRestorable(['a', 'b'])).toBe(2);
  });

  it('deletes nothing that another page has left since somebody was told', async () => {
    const [told] = records;
    vi.mocked(pendingDeletions!.look).mockImplementation(async () => {
      records = [...records, createRecord('second', 'c')];
    });
    await resumeDeletions();
    expect(removal.batch?.ids).toEqual(['a', 'b']);
    expect(dismiss).toHaveBeenCalledExactlyOnceWith([told]);
  });

  it('deletes nothing that was forgotten in another tab meanwhile', async () => {
    vi.mocked(pendingDeletions!.look).mockImplementation(async () => void (records = []));
    await resumeDeletions();
    expect(removal.isRunning).toBe(false);
  });

  it('deletes nothing for somebody else who has signed in meanwhile', async () => {
    vi.mocked(pendingDeletions!.look).mockImplementation(async () => signIn('bob'));
    await resumeDeletions();
    expect([removal.isRunning, dismiss.mock.calls.length]).toEqual([false, 0]);
  });
});

it('goes on where the same person signs in with a newer token', async () => {
  const deleting = removal.delete(['a'], new Map());
  await vi.waitFor(() => expect(removal.batch?.isAway).toBe(true));
  signIn('alice');
  isAway = false;
  dispatchEvent(new Event('online'));
  expect(await deleting).toEqual(['a']);
});

describe('says that Control Z undoes it', () => {
  let told: string[];

  beforeEach(() => {
    isAway = false;
    told = [];
    vi.spyOn(announcer, 'announce').mockImplementation((text) => void told.push(String(text)));
    edits.offerOne({ ...createImage('b'), credit: 'Eve' }, { ...createImage('b'), revision: 1 }, ['credit']);
  });

  it('where the deletion is what can be undone', async () => {
    await removal.delete(['a'], new Map());
    expect(told).toEqual(['1 picture deleted. Control Z undoes it.']);
  });

  it('not while an edit is being undone', async () => {
    vi.spyOn(contributorApi, 'editImages').mockRejectedValue(new NetworkError());
    const undoing = undo.run();
    await removal.delete(['a'], new Map());
    expect(told).toEqual(['1 picture deleted.']);
    undo.running?.batch.stop();
    await undoing;
  });

  it('not of a deletion that was asked for before an undo had failed', async () => {
    isAway = true;
    const deleting = removal.delete(['a'], new Map());
    await vi.waitFor(() => expect(removal.batch?.isAway).toBe(true));
    vi.spyOn(contributorApi, 'editImages').mockRejectedValue(new ApiError(403, 'unknown', 'Refused.'));
    await undo.run();
    told = [];
    isAway = false;
    dispatchEvent(new Event('online'));
    await deleting;
    expect(told).toEqual(['1 picture deleted.']);
  });
});
