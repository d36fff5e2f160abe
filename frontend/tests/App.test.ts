// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import App from '../src/App.svelte';
import { session } from '../src/app/session.svelte';
import { createToken } from './fixtures';

vi.mock('../src/components/manage/UndoNotice.svelte', () => {
  throw new Error('The script cannot be loaded.');
});
vi.mock('../src/manage/library/library', () => {
  throw new Error('The script cannot be loaded.');
});

const KEYS = ['stockroom.undo.deletion', 'stockroom.undo.edit'];
const PROBLEM = 'This part of the page could not be loaded.';

let component: ReturnType<typeof mount>;

beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('There is no network.'));
  session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 86_400 }));
  flushSync();
  // As after a reload of the page.
  const act = { id: '1', ids: ['a'], reversals: [{ id: 'a' }], what: '“a.jpg”', owner: session.owner };
  const kept = JSON.stringify({ act: { ...act, until: Date.now() + 600_000 }, ahead: 0 });
  for (const key of KEYS) sessionStorage.setItem(key, kept);
});
afterEach(async () => {
  session.signOut();
  flushSync();
  await unmount(component);
  vi.restoreAllMocks();
});

async function show(): Promise<void> {
  component = mount(App, { target: document.body });
  flushSync();
  await vi.dynamicImportSettled();
  flushSync();
}

const readStored = () => KEYS.map((key) => sessionStorage.getItem(key)).filter((value) => value !== null);

it.each([false, true])(
  'leaves nothing of what somebody has done who signs out without the script; the sign-in has run out: %s',
  async (hasRunOut) => {
    if (hasRunOut) session.refuse();
    await show();
    expect(readStored()).toHaveLength(2);
    session.signOut();
    flushSync();
    await vi.waitFor(() => expect(readStored()).toEqual([]));
  },
);

it('misses no script for the undo where the sign-in has run out', async () => {
  session.refuse();
  await show();
  expect(document.body.textContent).not.toContain(PROBLEM);
});

it('says to whoever is signed in that it misses the script', async () => {
  await show();
  await vi.waitFor(() => {
    flushSync();
    expect(document.body.textContent).toContain(PROBLEM);
  });
});
