// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import ShareButton from '../../../src/components/picture/ShareButton.svelte';

const LINK = { title: 'Boats', url: 'https://library.example/p/A' };
let component: ReturnType<typeof mount>;

function show(): void {
  component = mount(ShareButton, { target: document.body, props: LINK });
  flushSync();
}

async function share(outcome: Promise<void>): Promise<ReturnType<typeof vi.fn>> {
  const hand = vi.fn(() => outcome);
  Object.defineProperty(navigator, 'share', { configurable: true, value: hand });
  show();
  document.querySelector('button')?.click();
  await outcome.catch(() => undefined);
  await Promise.resolve();
  flushSync();
  return hand;
}

afterEach(async () => {
  await unmount(component);
  Reflect.deleteProperty(navigator, 'share');
});

it('is not there where the browser cannot share', () => {
  show();
  expect(document.querySelector('button')).toBeNull();
});

it('hands over the title and the link', async () => {
  expect(await share(Promise.resolve())).toHaveBeenCalledExactlyOnceWith(LINK);
  expect(document.body.textContent).not.toContain('could not be shared');
});

it('says nothing where somebody has changed their mind', async () => {
  await share(Promise.reject(new DOMException('Share canceled', 'AbortError')));
  expect(document.body.textContent).not.toContain('could not be shared');
});

it('says what to do where the device refuses', async () => {
  await share(Promise.reject(new DOMException('Permission denied', 'NotAllowedError')));
  expect(document.body.textContent).toContain('The link could not be shared. Copy it instead.');
});
