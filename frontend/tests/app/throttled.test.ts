import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { Throttled } from '../../src/app/throttled.svelte';
import { Counter } from '../reactive.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('computes at once, then at most once in an interval, and the last change is never lost', async () => {
  const counter = new Counter();
  const read = vi.fn(() => counter.count * 10);
  const throttled = new Throttled(read, 100);
  onTestFinished(throttled.stop);
  const setCount = (count: number): void => {
    counter.count = count;
    flushSync();
  };
  flushSync();
  await vi.advanceTimersByTimeAsync(1000);
  read.mockClear();
  setCount(1);
  expect(throttled.value).toBe(10);
  for (const count of [2, 3, 4]) setCount(count);
  expect(throttled.value).toBe(10);
  expect(read).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(100);
  flushSync();
  expect(throttled.value).toBe(40);
  expect(read).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1000);
  flushSync();
  expect(read).toHaveBeenCalledTimes(2);
});
