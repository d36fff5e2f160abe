// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announcer } from '../../src/app/announcer.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('says what is true when it speaks, and of a burst the last message', () => {
  let count = 0;
  announcer.message = '';
  announcer.announce('Nothing.', 500);
  announcer.announce(() => `${count} shown.`, 500);
  vi.advanceTimersByTime(499);
  count = 7;
  expect(announcer.message).not.toContain('shown');
  vi.advanceTimersByTime(1);
  expect(announcer.message).toBe('7 shown.');
});
