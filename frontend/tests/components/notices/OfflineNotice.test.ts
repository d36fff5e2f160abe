// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connection } from '../../../src/app/connection.svelte';
import { session } from '../../../src/app/session.svelte';
import { stubObservers } from '../../resize';
import OfflineNotice from '../../../src/components/notices/OfflineNotice.svelte';

const send = vi.fn<typeof fetch>();
let component: ReturnType<typeof mount>;

async function wait(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
}

function saysOffline(): boolean {
  return document.body.textContent.includes('This page is offline');
}

/** The worker says that this tab shows the stored page. */
async function tellThatItIsACopy(): Promise<void> {
  navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: 'copy' }));
  flushSync();
  await wait(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  stubObservers();
  vi.stubGlobal('fetch', send.mockReset());
  // That of the browser goes by the real time.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), ms);
    return controller.signal;
  });
  Object.defineProperty(navigator, 'serviceWorker', { configurable: true, value: new EventTarget() });
  component = mount(OfflineNotice, { target: document.body });
  flushSync();
});

afterEach(async () => {
  connection.isAway = false;
  await unmount(component);
  Reflect.deleteProperty(navigator, 'serviceWorker');
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('says nothing of a network that is there, where only the page took too long', async () => {
  send.mockImplementation(() => new Promise((resolve) => setTimeout(() => resolve(new Response()), 100)));
  await tellThatItIsACopy();
  expect(saysOffline()).toBe(false);
  await wait(60_000);
  expect(saysOffline()).toBe(false);
  expect(send).toHaveBeenCalledOnce();
});

it('says that there is no network until there is one, whatever the browser says', async () => {
  send.mockRejectedValue(new TypeError('Failed to fetch'));
  await tellThatItIsACopy();
  expect(saysOffline()).toBe(true);
  await wait(60_000);
  expect(saysOffline()).toBe(true);
  send.mockResolvedValue(new Response());
  await wait(3000);
  expect(saysOffline()).toBe(false);
});

it('takes a network that does not answer for none', async () => {
  send.mockImplementation((_, init) => {
    return new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  });
  await tellThatItIsACopy();
  expect(saysOffline()).toBe(false);
  await wait(3000);
  expect(saysOffline()).toBe(true);
});

it('tells visitors, and those who may only read, what they miss, and contributors what becomes of their photos', async () => {
  const tell = (claims: object | null): string => {
    session.claims = claims as typeof session.claims;
    flushSync();
    return document.body.textContent.trim();
  };
  send.mockRejectedValue(new TypeError('Failed to fetch'));
  await tellThatItIsACopy();
  expect(tell(null)).toMatch(/offline\. New searches and downloads/);
  expect(tell({ scopes: ['read'] })).toMatch(/offline\. New searches and downloads/);
  expect(tell({ scopes: ['read', 'upload'] })).toMatch(/offline\. Photos that you choose wait/);
});
