// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import { connection } from '../../../src/app/connection.svelte';
import UploadSummary from '../../../src/components/upload/UploadSummary.svelte';
import { NO_FILES } from '../../../src/upload/file/groups';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import type { UploadState } from '../../../src/upload/file/state';
import { sumProgress } from '../../../src/upload/file/progress';
import { monitor, queue } from '../../../src/upload/queue/uploads.svelte';

let component: ReturnType<typeof mount>;

function show(onstart: () => void = vi.fn()): void {
  const props = { canUpload: true, shown: null, filtered: null, name: '', onshow: vi.fn(), onstart };
  component = mount(UploadSummary, { target: document.body, props });
  flushSync();
}

beforeEach(() => {
  const counts = { ...NO_FILES, ready: 3, active: 4, duplicate: 2, failed: 1 };
  vi.spyOn(monitor, 'progress', 'get').mockReturnValue({
    ...sumProgress([]),
    counts,
    // The last files that were chosen.
    batch: { ...NO_FILES, ready: 1, active: 4 },
    total: 5,
    done: 1,
    active: 4,
    isBegun: true,
    bytes: 20_000_000,
    sentBytes: 4_000_000,
  });
  vi.spyOn(queue, 'pause', 'get').mockReturnValue(null);
  vi.spyOn(queue, 'isHalted', 'get').mockReturnValue(false);
  monitor.rate = 764 * 1024;
  show();
});
afterEach(async () => {
  await unmount(component);
  monitor.rate = 0;
  connection.isAway = false;
  vi.restoreAllMocks();
});

it('has the totals of the whole list in one sentence', () => {
  const text = document.querySelector('.numbers strong')?.textContent;
  expect(text?.trim()).toBe('3 of 10 in the library · 2 already there · 1 failed');
});

it('tells neither rate nor remaining time while there is no connection', () => {
  const read = () => document.querySelector('.numbers .hint')?.textContent;
  expect(read()).toContain('764 kB/s');
  expect(read()).toContain('left');
  connection.isAway = true;
  flushSync();
  expect(read()).not.toContain('kB/s');
  expect(read()).not.toContain('left');
  expect(read()).toContain('3.8 MB of 19 MB');
});

it('keeps the focus where “Retry 1 failed” has gone, and not on “Undo” of what somebody has cancelled before', async () => {
  await unmount(component);
  vi.restoreAllMocks();
  const facts = { size: 1, lastModified: 1, path: '', metadata: {}, shared: {}, position: 1 };
  const restore = (name: string, state: UploadState): UploadItem =>
    UploadItem.restore({ ...facts, name }, null, state);
  const other = restore('other.jpg', { name: 'missing', content: null });
  queue.restore([restore('lost.jpg', { name: 'failed', reason: createReason('upload-lost') }), other]);
  // What can be undone is another matter.
  queue.cancel(other);
  await vi.waitFor(() => expect(monitor.progress.retryable).toBe(1));
  show();
  const find = (text: string) =>
    [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.includes(text));
  const retry = find('Retry 1 failed');
  retry?.focus();
  retry?.click();
  await vi.waitFor(() => expect(monitor.progress.counts.missing).toBe(1));
  flushSync();
  expect(document.activeElement).toBe(retry);
  await vi.waitFor(() => expect(retry?.isConnected).toBe(false), 2000);
  await vi.waitFor(() => expect(document.activeElement?.className).toContain('summary'));
  expect(find('Undo')).toBeDefined();
});

it('keeps the focus where a button goes by itself, as “Pause” does with the last upload', async () => {
  await unmount(component);
  const present = new SvelteMap([['progress', monitor.progress]]);
  vi.spyOn(monitor, 'progress', 'get').mockImplementation(() => present.get('progress') ?? sumProgress([]));
  show();
  const pause = [...document.querySelectorAll('button')].find(({ textContent }) =>
    textContent?.includes('Pause'),
  );
  pause?.focus();
  present.set('progress', { ...monitor.progress, counts: { ...NO_FILES, ready: 7 }, active: 0 });
  flushSync();
  expect(pause?.isConnected).toBe(false);
  await vi.waitFor(() => expect(document.activeElement?.className).toContain('summary'));
});

it('keeps the focus where “Upload” goes as it was pressed, and the field that may have had the focus was left', async () => {
  await unmount(component);
  const waiting = { ...monitor.progress, active: 0, staged: 4, inspected: 4 };
  const present = new SvelteMap([['progress', waiting]]);
  vi.spyOn(monitor, 'progress', 'get').mockImplementation(() => present.get('progress') ?? sumProgress([]));
  show(() => {
    (document.activeElement as HTMLElement).blur();
    present.set('progress', { ...waiting, active: 4, staged: 0, inspected: 0 });
  });
  const upload = [...document.querySelectorAll('button')].find(({ textContent }) =>
    textContent?.includes('Upload 4 photos'),
  );
  upload?.focus();
  upload?.click();
  flushSync();
  expect(upload?.isConnected).toBe(false);
  await vi.waitFor(() => expect(document.activeElement?.className).toContain('summary'));
});
