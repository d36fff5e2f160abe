// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import SignOutOutcome from '../../../src/components/upload/SignOutOutcome.svelte';
import { signOut } from '../../../src/upload/queue/uploads.svelte';

let component: ReturnType<typeof mount>;

afterEach(async () => {
  await unmount(component);
  signOut.dismiss();
  document.body.replaceChildren();
});

it('puts the focus on the heading once somebody has read it', async () => {
  document.body.innerHTML = '<div data-page="upload"><h1 tabindex="-1">Upload photos</h1></div>';
  signOut.outcome = { kept: 1, unkept: 0, lost: [], forgotten: 0, rows: null };
  component = mount(SignOutOutcome, { target: document.body });
  flushSync();
  const button = document.querySelector<HTMLElement>('[aria-label="Dismiss"]');
  button?.focus();
  button?.click();
  flushSync();
  await vi.waitFor(() => expect(document.activeElement?.tagName).toBe('H1'));
  expect(button?.isConnected).toBe(false);
});
