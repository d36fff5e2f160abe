// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { expect, it, vi } from 'vitest';
import App from '../src/App.svelte';
import { session } from '../src/app/session.svelte';
import { createToken } from './fixtures';

it('leaves nothing of what somebody has done who signs out after the sign-in has run out', async () => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('There is no network.'));
  session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 86_400 }));
  const act = { ids: ['a'], what: '“a.jpg”', until: Date.now() + 600_000, owner: session.owner };
  // As after a reload of the page.
  sessionStorage.setItem('stockroom.undo.deletion', JSON.stringify({ act, ahead: 0 }));
  session.refuse();
  const component = mount(App, { target: document.body });
  flushSync();
  // The script that the notice is in is loaded on demand.
  await vi.dynamicImportSettled();
  flushSync();
  expect(document.querySelector('[aria-label=Undo]')).toBeNull();
  session.signOut();
  flushSync();
  await vi.waitFor(() => expect(sessionStorage.getItem('stockroom.undo.deletion')).toBeNull());
  await unmount(component);
  vi.restoreAllMocks();
});
