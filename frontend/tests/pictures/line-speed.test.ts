import { afterEach, expect, it, vi } from 'vitest';
import { isSlowLine } from '../../src/pictures/line-speed';

afterEach(() => void vi.restoreAllMocks());

/** A file of so many bytes, and when its first and its last byte came. */
type Timing = readonly [bytes: number, start: number, end: number];

function isSlow(...timings: readonly Timing[]): boolean | null {
  vi.spyOn(performance, 'getEntriesByName').mockImplementation((url) => {
    const [transferSize, responseStart, responseEnd] = timings[Number(url)] ?? [0, 0, 0];
    return [{ transferSize, responseStart, responseEnd } as PerformanceResourceTiming];
  });
  return isSlowLine(timings.map((_, index) => String(index)));
}

it('goes by the bytes of all files, in the time in which any of them came', () => {
  expect(isSlow([10_000, 300, 350])).toBe(true);
  expect(isSlow([10_000, 300, 310])).toBe(false);
  // Files that come side by side share the line.
  expect(isSlow([10_000, 300, 340], [10_000, 301, 341], [10_000, 305, 342])).toBe(false);
  expect(isSlow([10_000, 300, 440], [10_000, 301, 441])).toBe(true);
});

it('does not count the time in which nothing was asked for, whatever the order of the files is', () => {
  expect(isSlow([10_000, 2000, 2010], [10_000, 300, 310])).toBe(false);
});

it('knows nothing of files that came from a cache', () => {
  expect(isSlow()).toBeNull();
  expect(isSlow([0, 300, 300])).toBeNull();
  expect(isSlow([0, 300, 900], [10_000, 300, 310])).toBe(false);
});
