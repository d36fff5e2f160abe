import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Timer, localClock, noteServerTime, serverClock } from '../../src/app/clock';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe('serverClock', () => {
  it('follows what the server has said', async () => {
    noteServerTime(5_000_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(serverClock.now()).toBe(5_000_100);
    expect(localClock.now()).toBe(1_000_100);
    noteServerTime(localClock.now());
  });
});

describe('Timer', () => {
  it('waits as long as browsers can where it is to wait for a month', async () => {
    // As in a browser, whose timers end at once if they are to wait longer.
    const start = setTimeout;
    vi.stubGlobal('setTimeout', (callback: () => void, ms: number) =>
      start(callback, ms > 2 ** 31 - 1 ? 1 : ms),
    );
    const callback = vi.fn();
    new Timer(localClock).set(30 * 24 * 3600 * 1000, callback);
    await vi.advanceTimersByTimeAsync(24 * 24 * 3600 * 1000);
    expect(callback).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(24 * 3600 * 1000);
    expect(callback).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });

  it('calls back once, and not after it was set anew or cleared', async () => {
    const calls: string[] = [];
    const timer = new Timer(localClock);
    timer.set(100, () => calls.push('first'));
    timer.set(200, () => calls.push('second'));
    expect(timer.isPending).toBe(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls).toEqual(['second']);
    expect(timer.isPending).toBe(false);
    timer.set(100, () => calls.push('third'));
    timer.clear();
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls).toEqual(['second']);
  });
});
