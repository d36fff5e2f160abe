// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localClock } from '../../../src/app/clock';
import OutageNotice from '../../../src/components/notices/OutageNotice.svelte';

let component: ReturnType<typeof mount> | null;

beforeEach(() => {
  document.body.innerHTML = '<div data-page="search"><h1 tabindex="-1">Pictures</h1><a href="#x">x</a></div>';
  const props = { detail: 'The database wakes.', retryAt: 0, clock: localClock, onretry: end };
  component = mount(OutageNotice, { target: document.body, props });
  flushSync();
});
afterEach(async () => {
  await end();
  document.body.replaceChildren();
});

/** The notice goes. */
async function end(): Promise<void> {
  if (component === null) return;
  const ended = unmount(component);
  component = null;
  await ended;
}

it('hands the focus to the heading where it goes with the button that was pressed', async () => {
  const button = document.querySelector('button');
  button?.focus();
  button?.click();
  await expect.poll(() => button?.isConnected).toBe(false);
  await expect.poll(() => document.activeElement?.tagName).toBe('H1');
});

it('leaves the focus where somebody has put it meanwhile', async () => {
  document.querySelector('button')?.focus();
  document.querySelector('a')?.focus();
  await end();
  await new Promise((resolve) => setTimeout(resolve));
  expect(document.activeElement?.tagName).toBe('A');
});

it('leaves the focus alone where it never had it', async () => {
  await end();
  await new Promise((resolve) => setTimeout(resolve));
  expect(document.activeElement).toBe(document.body);
});
