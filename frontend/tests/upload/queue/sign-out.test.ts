import { flushSync } from 'svelte';
import { expect, it } from 'vitest';
import { SignOut } from '../../../src/upload/queue/sign-out.svelte';
import { Counter } from '../../reactive.svelte';

/** Signing out while `active.count` photos are under way, and others wait. */
function create(count: number, waiting = 0) {
  const active = new Counter();
  active.count = count;
  const person = new Counter();
  const session = {
    get owner() {
      return person.count === 0 ? 'alice' : null;
    },
    signOut: () => void (person.count = 1),
  };
  let forgotten = 0;
  let resumed = 0;
  const signOut = new SignOut(session, {
    countActive: () => active.count,
    countWaiting: () => waiting,
    goOn: () => void (resumed += 1),
    forget: () => void (forgotten += 1),
  });
  return { active, session, signOut, countForgotten: () => forgotten, countResumed: () => resumed };
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

it.each([
  ['keep', 0],
  ['forget', 1],
] as const)(
  'ends the session at once, and has the photos do what the answer %s says',
  (answer, forgotten) => {
    const { session, signOut, countForgotten } = create(3, 2);
    signOut.request();
    signOut.answer(answer);
    expect(session.owner).toBeNull();
    expect(countForgotten()).toBe(forgotten);
  },
);

it('ends a pause when the photos are to be finished, and no other time', () => {
  const { signOut, countResumed } = create(3);
  signOut.request();
  signOut.answer('stay');
  expect(countResumed()).toBe(0);
  signOut.request();
  signOut.answer('finish');
  expect(countResumed()).toBe(1);
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
  const { session, signOut, countForgotten } = create(0, 2);
  signOut.request();
  session.signOut();
  flushSync();
  expect(signOut.isAsking).toBe(false);
  expect(countForgotten()).toBe(0);
});
