import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  DELETION_CHANNEL,
  DELETION_LOCK,
  forgetLeftDeletions,
  listDeletions,
} from '../../../src/upload/keeping/left-deletions';
import { MemoryDeletions, MemoryLocks } from './memory-store';

let store: MemoryDeletions;
let locks: Pick<LockManager, 'request' | 'query'>;

beforeEach(async () => {
  store = new MemoryDeletions();
  locks = new MemoryLocks().of('living');
  vi.stubGlobal('navigator', { locks });
  void locks.request(`${DELETION_LOCK}living`, () => new Promise(() => undefined));
  const pictures = new Map([['a', 'a.jpg']]);
  for (const [page, owner] of [
    ['living', 'alice'],
    ['ended', 'alice'],
    ['others', 'bob'],
  ] as const)
    store.records.set(page, { page, owner, pictures, asked: 0 });
});

afterEach(() => void vi.unstubAllGlobals());

it('tells what pages have left that have ended from what living ones delete', async () => {
  const { left, running } = await listDeletions('alice', store, locks, 1);
  expect([left, running].map((records) => records.map(({ page }) => page))).toEqual([['ended'], ['living']]);
});

it('forgets, for one person, what pages have left that have ended, and tells the other pages so', async () => {
  const channel = new BroadcastChannel(DELETION_CHANNEL);
  const isTold = new Promise((resolve) => (channel.onmessage = resolve));
  await forgetLeftDeletions('alice', async () => store);
  expect([...store.records.keys()]).toEqual(['living', 'others']);
  await isTold;
  channel.close();
});
