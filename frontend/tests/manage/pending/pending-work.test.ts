import { beforeEach, expect, it, vi } from 'vitest';
import { PendingWork } from '../../../src/manage/pending/pending-work.svelte';
import { MemoryPending, MemoryLocks } from '../../upload/keeping/memory-store';

const DAY = 86_400_000;

let store: MemoryPending;
let locks: MemoryLocks;
let channels: EventTarget[];
let now: number;
let owner: string | null;

beforeEach(() => {
  store = new MemoryPending();
  locks = new MemoryLocks();
  channels = [];
  now = 40 * DAY;
  owner = 'alice';
});

/** A page of this browser. Whoever is signed in is that in all pages. */
function open(page: string): PendingWork {
  const channel = new EventTarget();
  channels.push(channel);
  const tellOthers = (): void => {
    for (const each of channels) if (each !== channel) each.dispatchEvent(new Event('message'));
  };
  return new PendingWork('deletion', {
    openStore: async () => store,
    locks: locks.of(page),
    channel: Object.assign(channel, { postMessage: tellOthers }) as unknown as BroadcastChannel,
    clock: { now: () => now } as never,
    page,
    getOwner: () => owner,
  });
}

/** The pictures that are left of pages that have ended. */
function listNames({ left }: PendingWork): [string, string][] {
  return left.flatMap(({ pictures = [] }) => [...pictures]);
}

const NAMES = new Map([
  ['a', 'a.jpg'],
  ['b', 'b.jpg'],
]);

async function leave(page: string): Promise<void> {
  open(page).keep({ pictures: NAMES });
  await vi.waitFor(() => expect(store.all.deletion.has(page)).toBe(true));
  locks.end(page);
}

it('tells the next page what was still to be deleted when a page has ended', async () => {
  await leave('first');
  const next = open('next');
  expect(listNames(next).length).toBe(0);
  await next.look();
  expect(listNames(next)).toEqual([...NAMES]);
});

it('tells nothing of what another page is just deleting, until that page ends', async () => {
  const first = open('first');
  first.keep({ pictures: NAMES });
  const next = open('next');
  await vi.waitFor(() => expect(store.all.deletion.size).toBe(1));
  await next.look();
  await first.look();
  expect([listNames(first).length, listNames(next).length]).toEqual([0, 0]);
  first.keep({ pictures: new Map([['b', 'b.jpg']]) });
  await vi.waitFor(() => expect(store.all.deletion.get('first')?.pictures?.size).toBe(1));
  locks.end('first');
  await vi.waitFor(() => expect(listNames(next)).toEqual([['b', 'b.jpg']]));
});

it('keeps nothing of a deletion that has ended, was stopped, or whose owner has signed out', async () => {
  const first = open('first');
  first.keep({ pictures: NAMES });
  await vi.waitFor(() => expect(store.all.deletion.size).toBe(1));
  owner = null;
  first.keep(null);
  await vi.waitFor(() => expect(store.all.deletion.size).toBe(0));
  owner = 'alice';
  locks.end('first');
  const next = open('next');
  await next.look();
  expect(listNames(next).length).toBe(0);
});

it.each([null, 'bob'])('tells nobody else, and not %s', async (other) => {
  await leave('first');
  const next = open('next');
  await next.look();
  owner = other;
  expect(listNames(next).length).toBe(0);
  await next.look();
  expect(listNames(next).length).toBe(0);
  await next.dismiss();
  expect(store.all.deletion.size).toBe(1);
});

it('tells nothing that is older than 30 days', async () => {
  await leave('first');
  now += 30 * DAY;
  const next = open('next');
  await next.look();
  expect(listNames(next).length).toBe(2);
  now += 1;
  await next.look();
  expect(listNames(next).length).toBe(0);
});

it('forgets what is left in all tabs', async () => {
  await leave('first');
  const next = open('next');
  const other = open('other');
  await next.look();
  await other.look();
  expect(listNames(other).length).toBe(2);
  await next.dismiss();
  expect([listNames(next).length, store.all.deletion.size]).toEqual([0, 0]);
  await vi.waitFor(() => expect(listNames(other).length).toBe(0));
});

it('does not tell again of what was forgotten while it looked', async () => {
  await leave('first');
  const next = open('next');
  await next.look();
  let answer = (): void => undefined;
  const records = await store.listPending('deletion');
  vi.spyOn(store, 'listPending').mockReturnValueOnce(
    new Promise((resolve) => (answer = () => resolve(records))),
  );
  const looking = next.look();
  await next.dismiss();
  answer();
  await looking;
  expect([listNames(next).length, store.all.deletion.size]).toEqual([0, 0]);
});

it('forgets only the records that it is told to', async () => {
  await leave('first');
  const next = open('next');
  await next.look();
  const told = next.left;
  await leave('second');
  await next.look();
  await next.dismiss(told);
  expect([listNames(next).length, [...store.all.deletion.keys()]]).toEqual([2, ['second']]);
});

it('writes only what is still to be done by then, where it changes faster than it can be written', async () => {
  const page = open('page');
  page.keep({ pictures: NAMES });
  await vi.waitFor(() => expect(store.all.deletion.size).toBe(1));
  const write = vi.spyOn(store, 'putPending');
  for (const id of 'abcde') page.keep({ pictures: new Map([[id, `${id}.jpg`]]) });
  await page.dismiss();
  expect(write.mock.calls.map(([, changes]) => [...(changes.get('page')?.pictures?.keys() ?? [])])).toEqual([
    ['e'],
  ]);
});

it('tells the other pages of its first record and of its last one, and not of each', async () => {
  const other = open('other');
  const look = vi.spyOn(other, 'look');
  const page = open('page');
  for (const id of 'abc') {
    page.keep({ pictures: new Map([[id, `${id}.jpg`]]) });
    await page.dismiss();
  }
  expect(look).toHaveBeenCalledTimes(1);
  page.keep(null);
  await page.dismiss();
  expect(look).toHaveBeenCalledTimes(2);
});

it('writes nothing for a page that has nothing to delete', async () => {
  const write = vi.spyOn(store, 'putPending');
  const page = open('page');
  page.keep(null);
  await page.dismiss();
  expect(write.mock.calls).toEqual([]);
});

it('forgets nothing that it cannot keep for itself', async () => {
  await leave('first');
  const next = open('next');
  await next.look();
  const write = vi.spyOn(store, 'putPending').mockImplementation(async (kind, changes) => {
    if ([...changes.values()].some((record) => record !== null))
      throw new DOMException('', 'QuotaExceededError');
    for (const page of changes.keys()) store.all[kind].delete(page);
  });
  next.keep({ pictures: NAMES });
  await next.dismiss();
  expect([listNames(next).length, [...store.all.deletion.keys()]]).toEqual([0, ['first']]);
  write.mockRestore();
  // What was taken over is done, and nobody is told of it any more.
  next.keep(null);
  await next.dismiss([]);
  expect([...store.all.deletion.keys()]).toEqual([]);
});

it('does without a browser that keeps anything', async () => {
  const fail = () => Promise.reject(new DOMException('', 'QuotaExceededError'));
  Object.assign(store, { putPending: fail, listPending: fail });
  const page = open('page');
  page.keep({ pictures: NAMES });
  await page.look();
  await page.dismiss();
  expect(listNames(page).length).toBe(0);
});
