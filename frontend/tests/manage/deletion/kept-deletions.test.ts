import { beforeEach, expect, it, vi } from 'vitest';
import { KeptDeletions } from '../../../src/manage/deletion/kept-deletions.svelte';
import { MemoryDeletions, MemoryLocks } from '../../upload/keeping/memory-store';

const DAY = 86_400_000;

let store: MemoryDeletions;
let locks: MemoryLocks;
let channels: EventTarget[];
let now: number;
let owner: string | null;

beforeEach(() => {
  store = new MemoryDeletions();
  locks = new MemoryLocks();
  channels = [];
  now = 40 * DAY;
  owner = 'alice';
});

/** A page of this browser. Whoever is signed in is that in all pages. */
function open(page: string): KeptDeletions {
  const channel = new EventTarget();
  channels.push(channel);
  const tellOthers = (): void => {
    for (const each of channels) if (each !== channel) each.dispatchEvent(new Event('message'));
  };
  return new KeptDeletions({
    openStore: async () => store,
    locks: locks.of(page),
    channel: Object.assign(channel, { postMessage: tellOthers }) as unknown as BroadcastChannel,
    clock: { now: () => now } as never,
    page,
    getOwner: () => owner,
  });
}

const NAMES = new Map([
  ['a', 'a.jpg'],
  ['b', 'b.jpg'],
]);

async function leave(page: string): Promise<void> {
  open(page).keep(NAMES);
  await vi.waitFor(() => expect(store.records.has(page)).toBe(true));
  locks.end(page);
}

it('tells the next page what was still to be deleted when a page has ended', async () => {
  await leave('first');
  const next = open('next');
  expect(next.left.size).toBe(0);
  await next.look();
  expect(next.left).toEqual(NAMES);
});

it('tells nothing of what another page is just deleting, until that page ends', async () => {
  const first = open('first');
  first.keep(NAMES);
  const next = open('next');
  await vi.waitFor(() => expect(store.records.size).toBe(1));
  await next.look();
  await first.look();
  expect([first.left.size, next.left.size]).toEqual([0, 0]);
  first.keep(new Map([['b', 'b.jpg']]));
  await vi.waitFor(() => expect(store.records.get('first')?.pictures.size).toBe(1));
  locks.end('first');
  await vi.waitFor(() => expect([...next.left]).toEqual([['b', 'b.jpg']]));
});

it('keeps nothing of a deletion that has ended, was stopped, or whose owner has signed out', async () => {
  const first = open('first');
  first.keep(NAMES);
  await vi.waitFor(() => expect(store.records.size).toBe(1));
  owner = null;
  first.keep(new Map());
  await vi.waitFor(() => expect(store.records.size).toBe(0));
  owner = 'alice';
  locks.end('first');
  const next = open('next');
  await next.look();
  expect(next.left.size).toBe(0);
});

it.each([null, 'bob'])('tells nobody else, and not %s', async (other) => {
  await leave('first');
  const next = open('next');
  await next.look();
  owner = other;
  expect(next.left.size).toBe(0);
  await next.look();
  expect(next.left.size).toBe(0);
  await next.dismiss();
  expect(store.records.size).toBe(1);
});

it('tells nothing that is older than 30 days', async () => {
  await leave('first');
  now += 30 * DAY;
  const next = open('next');
  await next.look();
  expect(next.left.size).toBe(2);
  now += 1;
  await next.look();
  expect(next.left.size).toBe(0);
});

it('forgets what is left in all tabs', async () => {
  await leave('first');
  const next = open('next');
  const other = open('other');
  await next.look();
  await other.look();
  expect(other.left.size).toBe(2);
  await next.dismiss();
  expect([next.left.size, store.records.size]).toEqual([0, 0]);
  await vi.waitFor(() => expect(other.left.size).toBe(0));
});

it('does not tell again of what was forgotten while it looked', async () => {
  await leave('first');
  const next = open('next');
  await next.look();
  let answer = (): void => undefined;
  const records = await store.listDeletions();
  vi.spyOn(store, 'listDeletions').mockReturnValueOnce(
    new Promise((resolve) => (answer = () => resolve(records))),
  );
  const looking = next.look();
  await next.dismiss();
  answer();
  await looking;
  expect([next.left.size, store.records.size]).toEqual([0, 0]);
});

it('forgets only the records that it is told to', async () => {
  await leave('first');
  const next = open('next');
  await next.look();
  const told = next.records;
  await leave('second');
  await next.look();
  await next.dismiss(told);
  expect([next.left.size, [...store.records.keys()]]).toEqual([2, ['second']]);
});

it('writes nothing for a page that has nothing to delete', async () => {
  const write = vi.spyOn(store, 'putDeletions');
  const page = open('page');
  page.keep(new Map());
  await page.dismiss();
  expect(write.mock.calls.filter(([changes]) => changes.size > 0)).toEqual([]);
});

it('does without a browser that keeps anything', async () => {
  const fail = () => Promise.reject(new DOMException('', 'QuotaExceededError'));
  Object.assign(store, { putDeletions: fail, listDeletions: fail });
  const page = open('page');
  page.keep(NAMES);
  await page.look();
  await page.dismiss();
  expect(page.left.size).toBe(0);
});
