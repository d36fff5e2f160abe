// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connection } from '../../../src/app/connection.svelte';
import UploadSummary from '../../../src/components/upload/UploadSummary.svelte';
import { NO_FILES } from '../../../src/upload/file/groups';
import { sumProgress } from '../../../src/upload/file/progress';
import { monitor, queue } from '../../../src/upload/queue/uploads.svelte';

let component: ReturnType<typeof mount>;

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
  const props = { canUpload: true, shown: null, filtered: null, name: '', onshow: vi.fn(), onstart: vi.fn() };
  component = mount(UploadSummary, { target: document.body, props });
  flushSync();
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
