// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { contributorApi } from '../../../src/app/contributor-api';
import { pendingCounts } from '../../../src/app/pending-counts';
import { session } from '../../../src/app/session.svelte';
import {
  discardLeftEdits,
  editSender,
  pendingEdits,
  saveLeftEdits,
  unsavedEdits,
} from '../../../src/manage/library/pending-edits.svelte';
import type { PendingEdit, PendingRecord } from '../../../src/upload/keeping/pending-records';
import { createImage, createToken } from '../../fixtures';
import { Counter } from '../../reactive.svelte';

let isAway: boolean;

beforeEach(() => {
  isAway = true;
  vi.spyOn(contributorApi, 'editImage').mockImplementation(async (id, changes, revision) => {
    if (isAway) throw new NetworkError();
    return { ...createImage(id), description: changes.description ?? '', revision: revision + 1 };
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

function caption(id: string): PendingEdit {
  return { image: createImage(id), set: { description: 'A boat' } };
}

/** Whether the browser asks before it leaves the page. */
function asks(): boolean {
  const event = new Event('beforeunload', { cancelable: true });
  dispatchEvent(event);
  return event.defaultPrevented;
}

it('keeps what was typed in the forms of this page, for as long as it is not saved', () => {
  const keep = vi.spyOn(pendingEdits!, 'keep');
  const typed = new Counter();
  const remove = unsavedEdits.add(() => Array<PendingEdit>(typed.count).fill(caption('a')));
  flushSync();
  typed.count = 1;
  flushSync();
  expect([keep.mock.lastCall?.[0]?.edits, pendingCounts.edits()]).toEqual([[caption('a')], 1]);
  typed.count = 0;
  flushSync();
  expect([keep.mock.lastCall, pendingCounts.edits()]).toEqual([[null], 0]);
  typed.count = 1;
  remove();
  flushSync();
  expect([keep.mock.lastCall, pendingCounts.edits()]).toEqual([[null], 0]);
});

describe('of what a page that has ended had not saved', () => {
  let dismiss: ReturnType<typeof vi.fn>;
  let records: readonly PendingRecord[];

  beforeEach(() => {
    records = [{ page: 'first', owner: 'alice', asked: 0, edits: [caption('a'), caption('b')] }];
    vi.spyOn(pendingEdits!, 'left', 'get').mockImplementation(() => records);
    vi.spyOn(pendingEdits!, 'look').mockResolvedValue();
    dismiss = vi.spyOn(pendingEdits!, 'dismiss').mockImplementation(async () => void (records = []));
  });

  it('tells the question before a sign-out how many there are', () => {
    expect([pendingCounts.edits(), asks()]).toEqual([2, false]);
  });

  it('saves nothing by itself, and on request goes on until it is done', async () => {
    const keep = vi.spyOn(pendingEdits!, 'keep');
    expect(editSender.isRunning).toBe(false);
    await saveLeftEdits();
    // It is kept for this page first.
    expect(keep.mock.lastCall?.[0]?.edits).toHaveLength(2);
    expect(keep.mock.invocationCallOrder[0]).toBeLessThan(dismiss.mock.invocationCallOrder[0] ?? 0);
    await vi.waitFor(() => expect(editSender.isAway).toBe(true));
    expect([pendingCounts.edits(), asks()]).toEqual([2, true]);
    isAway = false;
    dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(editSender.isRunning).toBe(false));
    flushSync();
    expect(vi.mocked(contributorApi.editImage).mock.lastCall).toEqual(['b', { description: 'A boat' }, 0]);
    expect([keep.mock.lastCall, pendingCounts.edits(), asks()]).toEqual([[null], 0, false]);
  });

  it('saves each edit once, though somebody asks for it twice before it has begun', async () => {
    const send = vi.spyOn(editSender, 'send');
    await Promise.all([saveLeftEdits(), saveLeftEdits()]);
    expect(send.mock.calls.flat(2)).toHaveLength(2);
  });

  it('keeps what could not be saved until it is saved, or discarded', async () => {
    const keep = vi.spyOn(pendingEdits!, 'keep');
    vi.mocked(contributorApi.editImage).mockRejectedValue(new ApiError(403, 'unknown', 'Refused.'));
    await saveLeftEdits();
    await vi.waitFor(() => expect(editSender.failed).toHaveLength(2));
    flushSync();
    expect([keep.mock.lastCall?.[0]?.edits?.length, pendingCounts.edits()]).toEqual([2, 2]);
    await saveLeftEdits();
    await vi.waitFor(() => expect(editSender.failed).toHaveLength(2));
    expect(contributorApi.editImage).toHaveBeenCalledTimes(4);
    await discardLeftEdits();
    flushSync();
    expect([keep.mock.lastCall, pendingCounts.edits()]).toEqual([[null], 0]);
  });

  it('saves nothing after the sign-out of whoever has typed it', async () => {
    await saveLeftEdits();
    await vi.waitFor(() => expect(editSender.isAway).toBe(true));
    session.signOut();
    flushSync();
    signIn('bob');
    isAway = false;
    dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(editSender.isRunning).toBe(false));
    expect([vi.mocked(contributorApi.editImage).mock.calls.length, editSender.unsaved]).toEqual([1, []]);
  });
});

it('asks for another sign-in where the library refuses this one', async () => {
  vi.mocked(contributorApi.editImage).mockRejectedValue(new ApiError(401, 'token-expired', 'Expired.'));
  await editSender.send([caption('a')]);
  expect([session.isSignedIn, session.owner !== null, editSender.unsaved]).toEqual([
    false,
    true,
    [caption('a')],
  ]);
  editSender.discard();
});
