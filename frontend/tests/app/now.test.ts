import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { localClock } from '../../src/app/clock';
import { Now } from '../../src/app/now.svelte';
import { watch } from '../reactive.svelte';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

it('changes at every interval while something reads it', () => {
  const now = new Now(localClock, 1000);
  const values = watch(() => now.current);
  for (let i = 0; i < 2; i++) {
    vi.advanceTimersByTime(1000);
    values();
  }
  expect(values()).toEqual([0, 1000, 2000]);
});
