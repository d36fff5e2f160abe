// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import UploadRow from '../../../src/components/upload/UploadRow.svelte';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { queue } from '../../../src/upload/queue/uploads.svelte';
import type { Queued, UploadState } from '../../../src/upload/file/state';
import { createPhoto } from '../../fixtures';

const QUEUED = {
  name: 'queued',
  content: { type: 'image/jpeg', sha256: 'ab' },
  id: 'u1',
  issued: null,
  notBefore: 0,
  reason: null,
  retries: { sends: 0, creations: 0 },
} satisfies Queued;

let components: ReturnType<typeof mount>[] = [];
let items: UploadItem[] = [];

beforeEach(() => {
  document.body.innerHTML =
    '<div data-page="upload"><h1 tabindex="-1">Upload photos</h1><div role="list"></div></div>';
  const target = document.querySelector('[role=list]');
  if (target === null) throw new Error('There is no list.');
  items = ['a.jpg', 'b.jpg'].map((name) => new UploadItem(createPhoto(name)));
  for (const item of items) item.shared = {};
  components = items.map((item, index) =>
    mount(UploadRow, { target, props: { item, licenses: [], position: index + 1, total: items.length } }),
  );
  flushSync();
});
afterEach(async () => {
  for (const component of components) await unmount(component);
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

function setState(index: number, state: UploadState): void {
  const item = items[index];
  if (item !== undefined) item.state = state;
  flushSync();
}

async function press(label: string): Promise<void> {
  const button = document.querySelector<HTMLElement>(`[aria-label="${label}"]`);
  if (button === null) throw new Error(`There is no button “${label}”.`);
  button.focus();
  button.click();
  flushSync();
  await new Promise((resolve) => setTimeout(resolve));
}

function getFocused(): string | null | undefined {
  return document.activeElement?.getAttribute('aria-label');
}

it('keeps the focus where a file is cancelled', async () => {
  await press('Cancel a.jpg');
  expect(getFocused()).toBe('Remove a.jpg from the list');
});

it('keeps the focus where a file is uploaded meanwhile', () => {
  document.querySelector<HTMLElement>('[aria-label="Cancel a.jpg"]')?.focus();
  setState(0, { name: 'ready', content: QUEUED.content, image: null });
  expect(getFocused()).toBe('Remove a.jpg from the list');
});

it('gives the focus to the next row while the library is to confirm that a file is cancelled', async () => {
  setState(0, QUEUED);
  await press('Cancel a.jpg');
  expect(items[0]?.state.name).toBe('cancelling');
  expect(getFocused()).toBe('Cancel b.jpg');
});

it('gives the focus to the heading where no other row has a button', async () => {
  setState(0, QUEUED);
  setState(1, { name: 'cancelling', from: QUEUED });
  await press('Cancel a.jpg');
  expect(document.activeElement?.textContent).toBe('Upload photos');
});

it('keeps the focus in the row where a file is wanted after all', async () => {
  const [item] = items;
  setState(0, { name: 'cancelled' });
  vi.spyOn(queue, 'retry').mockImplementation(() => {
    if (item !== undefined) item.state = QUEUED;
  });
  await press('Upload a.jpg');
  expect(getFocused()).toBe('Cancel a.jpg');
});

it('takes the focus from nobody who has clicked on nothing meanwhile', async () => {
  vi.useFakeTimers();
  try {
    const button = document.querySelector<HTMLElement>('[aria-label="Cancel a.jpg"]');
    button?.focus();
    button?.click();
    await vi.advanceTimersByTimeAsync(0);
    expect(getFocused()).toBe('Remove a.jpg from the list');
    (document.activeElement as HTMLElement).blur();
    await vi.runAllTimersAsync();
    expect(document.activeElement).toBe(document.body);
  } finally {
    vi.useRealTimers();
  }
});

it('does nothing more for a key that is held down', async () => {
  await press('Cancel a.jpg');
  const event = new KeyboardEvent('keydown', { key: 'Enter', repeat: true, bubbles: true, cancelable: true });
  document.activeElement?.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(true);
});
