import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { localClock } from '../../../src/app/clock';
import { PageEnds } from '../../../src/upload/keeping/page-ends';
import { LOCK_PREFIX } from '../../../src/upload/keeping/page-key';
import { MemoryLocks } from './memory-store';

let locks: MemoryLocks;
let ended: string[];

beforeEach(() => {
  vi.useFakeTimers();
  locks = new MemoryLocks();
  ended = [];
});
afterEach(() => void vi.useRealTimers());

function live(page: string): void {
  void locks.of(page).request(LOCK_PREFIX + page, () => new Promise(() => undefined));
}

/** A page that lives, and notes which pages it hears of. */
function open(page: string, delay = 2000): PageEnds {
  live(page);
  const ends = new PageEnds({
    locks: locks.of(page),
    clock: localClock,
    getOwnPage: () => page,
    getDelay: () => delay,
  });
  ends.listen((other) => void ended.push(`${page}: ${other}`));
  return ends;
}

it('tells once, after the delay, that a page has ended which lived when it looked', async () => {
  const ends = open('own');
  live('other');
  void locks.of('own').request('another lock', () => new Promise(() => undefined));
  await ends.followAll();
  ends.follow('other');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toEqual([]);
  locks.end('other');
  await vi.advanceTimersByTimeAsync(1900);
  expect(ended).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(ended).toEqual(['own: other']);
  expect(vi.getTimerCount()).toBe(0);
});

it('tells every page, and first the one that waits for a shorter time', async () => {
  live('other');
  for (const ends of [open('elsewhere', 4000), open('upload')]) await ends.followAll();
  locks.end('other');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ended).toEqual(['upload: other', 'elsewhere: other']);
});

it('leaves the lock free meanwhile', async () => {
  live('other');
  await open('own').followAll();
  locks.end('other');
  await vi.advanceTimersByTimeAsync(100);
  const lock = await locks.of('third').request(LOCK_PREFIX + 'other', { ifAvailable: true }, (got) => got);
  expect(lock).not.toBeNull();
});
