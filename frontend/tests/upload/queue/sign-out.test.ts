import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { localClock } from '../../../src/app/clock';
import { SignOut } from '../../../src/upload/queue/sign-out.svelte';
import { Counter } from '../../reactive.svelte';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Signing out while `active.count` photos are under way, `waiting.count` wait, and `failed.count` have failed. */
function create(count: number, wait = 0) {
  const [active, waiting, failed, person] = [new Counter(), new Counter(), new Counter(), new Counter()];
  const unkept = new Counter();
  active.count = count;
  waiting.count = wait;
  const session = {
    get owner() {
      return person.count === 0 ? 'alice' : null;
    },
    signOut: () => void (person.count = 1),
    signIn: () => void (person.count = 0),
  };
  const calls: string[] = [];
  const signOut = new SignOut(
    session,
    {
      countActive: () => active.count,
      countWaiting: () => waiting.count,
      countUnkept: () => unkept.count,
      countFailed: () => failed.count,
      finish: () => void calls.push('finish'),
      keep: () => void calls.push('keep'),
      forget: () => void calls.push('forget'),
    },
    localClock,
  );
  return { active, waiting, failed, unkept, session, signOut, calls };
}

it('says how many photos the browser keeps, and how many it could not keep', () => {
  const { unkept, session, signOut } = create(3, 2);
  unkept.count = 2;
  signOut.request();
  signOut.answer('keep');
  flushSync();
  expect(session.owner).toBeNull();
  expect([signOut.kept, signOut.unkept]).toEqual([3, 2]);
  signOut.dismiss();
  expect([signOut.kept, signOut.unkept]).toEqual([0, 0]);
  // It is gone, too, when somebody signs in without having dismissed it.
  signOut.unkept = 1;
  session.signIn();
  flushSync();
  expect(signOut.unkept).toBe(0);
});

/** The last photo under way has failed, while somebody waits to be signed out. */
function createFailed() {
  const parts = create(3);
  parts.signOut.request();
  parts.signOut.answer('finish');
  flushSync();
  parts.active.count = 0;
  parts.failed.count = parts.waiting.count = 1;
  flushSync();
  return parts;
}

it('ends the session at once when no photo would stay behind', () => {
  const { session, signOut } = create(0);
  signOut.request();
  expect(session.owner).toBeNull();
});

it.each([
  ['are under way', 3, 0],
  ['wait', 0, 2],
])('asks while photos %s, and changes nothing when somebody stays', (_what, active, waiting) => {
  const { session, signOut } = create(active, waiting);
  signOut.request();
  expect(signOut.isAsking).toBe(true);
  signOut.answer('stay');
  expect(signOut.isAsking).toBe(false);
  expect(session.owner).toBe('alice');
});

it.each(['keep', 'forget'] as const)(
  'ends the session at once, and has the photos do what the answer %s says',
  (answer) => {
    const { session, signOut, calls } = create(3, 2);
    signOut.request();
    signOut.answer(answer);
    expect(session.owner).toBeNull();
    expect(calls).toEqual([answer]);
  },
);

it('has the photos go on when they are to be finished, and no other time', () => {
  const { signOut, calls } = create(3);
  signOut.request();
  signOut.answer('stay');
  expect(calls).toEqual([]);
  signOut.request();
  signOut.answer('finish');
  expect(calls).toEqual(['finish']);
});

it('ends the session once the last photo is finished', () => {
  const { active, session, signOut } = create(3);
  signOut.request();
  signOut.answer('finish');
  flushSync();
  expect(session.owner).toBe('alice');
  active.count = 0;
  flushSync();
  expect(session.owner).toBeNull();
  expect(signOut.isFinishing).toBe(false);
});

it('asks no longer once another tab has signed out', () => {
  const { session, signOut, calls } = create(0, 2);
  signOut.request();
  session.signOut();
  flushSync();
  expect(signOut.isAsking).toBe(false);
  expect(calls).toEqual([]);
});

it('asks again when photos have failed, instead of signing out', () => {
  const { session, signOut, calls } = createFailed();
  expect(session.owner).toBe('alice');
  expect(signOut.isAsking).toBe(true);
  expect(signOut.isFinishing).toBe(false);
  signOut.answer('stay');
  vi.advanceTimersByTime(1e6);
  expect(session.owner).toBe('alice');
  expect(calls).toEqual(['finish']);
});

it('goes on with what has failed, and asks once more if it fails again', () => {
  const { active, session, signOut, calls } = createFailed();
  active.count = 1;
  signOut.answer('finish');
  flushSync();
  expect(signOut.isFinishing).toBe(true);
  vi.advanceTimersByTime(1e6);
  expect(session.owner).toBe('alice');
  active.count = 0;
  flushSync();
  expect(signOut.isAsking).toBe(true);
  expect(calls).toEqual(['finish', 'finish']);
});

it('signs out whoever has gone away, and keeps what has failed', () => {
  const { session, signOut, calls } = createFailed();
  expect(signOut.endsAt).toBeGreaterThan(localClock.now());
  vi.advanceTimersByTime((signOut.endsAt ?? 0) - localClock.now() - 1);
  expect(session.owner).toBe('alice');
  vi.advanceTimersByTime(1);
  expect(session.owner).toBeNull();
  expect(calls).toEqual(['finish', 'keep']);
});

it('says how many photos the browser keeps, until somebody signs in', () => {
  const { session, signOut } = create(3, 2);
  signOut.request();
  signOut.answer('keep');
  flushSync();
  expect(signOut.kept).toBe(5);
  session.signIn();
  flushSync();
  expect(signOut.kept).toBe(0);
});
