// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import { contributorApi } from '../../../src/app/contributor-api';
import { session } from '../../../src/app/session.svelte';
import { removal } from '../../../src/manage/library/removal.svelte';
import { createToken } from '../../fixtures';

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
    expect([removal.isRunning, removal.failed]).toEqual([false, null]);
  },
);

it('goes on where the same person signs in with a newer token', async () => {
  const deleting = removal.delete(['a'], new Map());
  await vi.waitFor(() => expect(removal.batch?.isAway).toBe(true));
  signIn('alice');
  isAway = false;
  dispatchEvent(new Event('online'));
  expect(await deleting).toEqual(['a']);
});
