import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { localClock } from '../../../src/app/clock';
import { OtherTabs } from '../../../src/upload/keeping/other-tabs.svelte';
import { PageEnds } from '../../../src/upload/keeping/page-ends';
import { LOCK_PREFIX } from '../../../src/upload/keeping/page-key';
import { MemoryLocks } from './memory-store';

let locks: MemoryLocks;
let ends: EventTarget[];

beforeEach(() => {
  vi.useFakeTimers();
  locks = new MemoryLocks();
  ends = [];
});
afterEach(() => void vi.useRealTimers());

/** A tab of the browser: what it posts reaches all others. */
function open(page: string): OtherTabs {
  const own = locks.of(page);
  void own.request(LOCK_PREFIX + page, () => new Promise(() => undefined));
  const end = new EventTarget();
  ends.push(end);
  const channel = {
    postMessage(data: unknown) {
      for (const other of ends) if (other !== end) other.dispatchEvent(new MessageEvent('message', { data }));
    },
    addEventListener: end.addEventListener.bind(end) as BroadcastChannel['addEventListener'],
  };
  const pages = new PageEnds({
    locks: own,
    clock: localClock,
    getOwnPage: () => page,
    getDelay: () => 2000,
  });
  return new OtherTabs({ channel, ends: pages });
}

it('counts what other tabs upload, whether they have begun before or after', () => {
  const [first, second, third] = [open('first'), open('second'), open('third')];
  first.tell('first', 12);
  third.watch();
  expect(third.active).toBe(12);
  second.tell('second', 2);
  expect(third.active).toBe(14);
  first.tell('first', 11);
  second.tell('second', 0);
  expect(third.active).toBe(11);
  expect(first.active).toBe(0);
});

it('forgets a page that has ended without a word', async () => {
  const [first, second] = [open('first'), open('second')];
  second.watch();
  first.tell('first', 3);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(second.active).toBe(3);
  locks.end('first');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(second.active).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('looks at nothing any more once nobody sees it', async () => {
  const [first, second] = [open('first'), open('second')];
  const stop = second.watch();
  first.tell('first', 3);
  stop();
  first.tell('first', 2);
  expect(second.active).toBe(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(vi.getTimerCount()).toBe(0);
});

it('has the other tabs forget the photos of a person', () => {
  const [first, second, third] = [open('first'), open('second'), open('third')];
  const heard: string[] = [];
  for (const [page, tab] of Object.entries({ first, second, third }))
    tab.onforget = (owner) => void heard.push(`${page}: ${owner}`);
  third.watch();
  second.forget('alice');
  expect(heard).toEqual(['first: alice', 'third: alice']);
  expect(third.active).toBe(0);
});
