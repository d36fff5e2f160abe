import { flushSync } from 'svelte';
import { expect, it } from 'vitest';
import { SignOut } from '../../../src/upload/queue/sign-out.svelte';
import { Counter } from '../../reactive.svelte';

/** Signing out while `active.count` photos are under way. */
function create(count: number) {
  const active = new Counter();
  active.count = count;
  const session = { owner: 'alice' as string | null, signOut: () => void (session.owner = null) };
  return { active, session, signOut: new SignOut(session, () => active.count) };
}

it('ends the session at once when nothing is under way', () => {
  const { session, signOut } = create(0);
  signOut.request();
  expect(session.owner).toBeNull();
});

it('asks while photos are under way, and changes nothing when somebody stays', () => {
  const { session, signOut } = create(3);
  signOut.request();
  expect(signOut.isAsking).toBe(true);
  signOut.answer('stay');
  expect(signOut.isAsking).toBe(false);
  expect(session.owner).toBe('alice');
});

it('stops at once', () => {
  const { session, signOut } = create(3);
  signOut.request();
  signOut.answer('stop');
  expect(session.owner).toBeNull();
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
