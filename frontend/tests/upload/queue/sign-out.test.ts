// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { beforeEach, expect, it, vi } from 'vitest';
import { session } from '../../../src/app/session.svelte';
import { signOut } from '../../../src/upload/queue/sign-out.svelte';
import { monitor } from '../../../src/upload/queue/uploads.svelte';
import { Counter } from '../../reactive.svelte';
import { createToken } from '../../fixtures';

const active = new Counter();

beforeEach(() => {
  vi.spyOn(monitor, 'progress', 'get').mockImplementation(
    () => ({ active: active.count }) as typeof monitor.progress,
  );
  active.count = 0;
  session.signIn(createToken({ sub: 'alice', exp: Date.now() / 1000 + 60 }));
  signOut.answer('stay');
});

it('ends the session at once when nothing is under way', () => {
  signOut.request();
  expect(session.owner).toBeNull();
});

it('asks while photos are under way, and changes nothing when somebody stays', () => {
  active.count = 3;
  signOut.request();
  expect(signOut.isAsking).toBe(true);
  signOut.answer('stay');
  expect(signOut.isAsking).toBe(false);
  expect(session.isSignedIn).toBe(true);
});

it('stops at once, or when the last photo is finished', () => {
  active.count = 3;
  signOut.request();
  signOut.answer('finish');
  flushSync();
  expect(session.isSignedIn).toBe(true);
  active.count = 0;
  flushSync();
  expect(session.owner).toBeNull();
  expect(signOut.isFinishing).toBe(false);

  session.signIn(createToken({ sub: 'alice', exp: Date.now() / 1000 + 60 }));
  active.count = 1;
  signOut.request();
  signOut.answer('stop');
  expect(session.owner).toBeNull();
});
