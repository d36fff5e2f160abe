// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import { createPhoto, createToken } from '../../fixtures';

vi.mock('../../../src/app/api', () => ({ api: {}, getConfig: () => new Promise(() => undefined) }));
vi.mock('../../../src/upload/hashing/hash-workers', () => ({
  createHashWorkers: () => () => new Promise(() => undefined),
}));

afterEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

it('leaves photos that wait to the person whose they are, whoever signs in in another tab', async () => {
  const { session } = await import('../../../src/app/session.svelte');
  const { queue } = await import('../../../src/upload/queue/uploads.svelte');
  const token = createToken({ sub: 'alice', exp: Date.now() / 1000 + 600 });
  session.signIn(token);
  const alice = session.owner ?? '';
  expect(session.mayFollow('bob')).toBe(true);
  queue.resume(alice);
  expect(session.mayFollow('bob')).toBe(true);
  queue.add([createPhoto('photo.jpg')]);
  session.signOut();
  queue.suspend();
  expect(session.mayFollow('bob')).toBe(false);
  expect(session.mayFollow(alice)).toBe(true);
});
