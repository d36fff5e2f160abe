import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findPending, forgetPending } from '../../../src/upload/keeping/find-pending';
import {
  getChannelName,
  getLockName,
  PENDING_KINDS,
  type PendingKind,
} from '../../../src/upload/keeping/pending-records';
import { MemoryLocks, MemoryPending } from './memory-store';

let store: MemoryPending;
let locks: Pick<LockManager, 'request' | 'query'>;

beforeEach(() => {
  store = new MemoryPending();
  locks = new MemoryLocks().of('living');
  vi.stubGlobal('navigator', { locks });
  for (const kind of PENDING_KINDS) addRecords(kind);
});

afterEach(() => void vi.unstubAllGlobals());

function addRecords(kind: PendingKind): void {
  void locks.request(getLockName(kind, 'living'), () => new Promise(() => undefined));
  for (const [page, owner] of [
    ['living', 'alice'],
    ['ended', 'alice'],
    ['others', 'bob'],
  ] as const)
    store.all[kind].set(page, { page, owner, asked: 0 });
}

it.each(PENDING_KINDS)(
  'tells each %s that is left by pages that have ended from those of living ones',
  async (kind) => {
    const { left, running } = await findPending(kind, 'alice', store, locks, 1);
    expect([left, running].map((records) => records.map(({ page }) => page))).toEqual([
      ['ended'],
      ['living'],
    ]);
  },
);

it('has first what was asked for first, whatever the pages are called', async () => {
  store.all.edit.set('a page', { page: 'a page', owner: 'alice', asked: 2 });
  store.all.edit.set('ended', { page: 'ended', owner: 'alice', asked: 3 });
  store.all.edit.set('later', { page: 'later', owner: 'alice', asked: 1 });
  const { left } = await findPending('edit', 'alice', store, locks, 4);
  expect(left.map(({ page }) => page)).toEqual(['later', 'a page', 'ended']);
});

it('forgets, for one person, what pages have left that have ended, and tells the other pages so', async () => {
  const channels = PENDING_KINDS.map((kind) => new BroadcastChannel(getChannelName(kind)));
  const areTold = channels.map((channel) => new Promise((resolve) => (channel.onmessage = resolve)));
  await forgetPending('alice', async () => store);
  for (const kind of PENDING_KINDS) expect([...store.all[kind].keys()]).toEqual(['living', 'others']);
  await Promise.all(areTold);
  for (const channel of channels) channel.close();
});
