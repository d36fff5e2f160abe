import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { waitForPaint } from '../../src/app/yield';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('goes on once the browser has painted', async () => {
  let paint: () => void = () => undefined;
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => (paint = callback));
  let isPainted = false;
  void waitForPaint().then(() => (isPainted = true));
  await vi.advanceTimersByTimeAsync(50);
  expect(isPainted).toBe(false);
  paint();
  await vi.advanceTimersByTimeAsync(1);
  expect(isPainted).toBe(true);
});

it('goes on in a tab that nobody sees, which paints nothing', async () => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  let goesOn = false;
  void waitForPaint().then(() => (goesOn = true));
  await vi.advanceTimersByTimeAsync(100);
  expect(goesOn).toBe(true);
});
