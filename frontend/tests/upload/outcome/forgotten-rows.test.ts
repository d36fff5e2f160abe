import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { CancelAnswer } from '../../../src/api/types';
import { localClock } from '../../../src/app/clock';
import { cancelForgottenRows } from '../../../src/upload/outcome/forgotten-rows';
import type { Rows } from '../../../src/upload/stage/rows';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const cancel = (
  cancelUploads: (ids: string[]) => Promise<CancelAnswer[]>,
  ids = ['A', 'B', 'C'],
  later: Promise<Rows> | null = null,
) => cancelForgottenRows({ ids, later }, { cancelUploads }, localClock, 2);

it('sends all requests at once, as the page may be closed a moment later', async () => {
  const asked: string[][] = [];
  const outcome = cancel(async (ids) => {
    asked.push(ids);
    return ids.map((id) => ({ id, state: 'cancelled' }));
  });
  expect(asked).toEqual([['A', 'B'], ['C']]);
  expect(await outcome).toEqual({ name: 'cancelled' });
  expect(vi.getTimerCount()).toBe(0);
});

it('says how many have become pictures all the same', async () => {
  const outcome = cancel(async (ids) =>
    ids.map((id) => ({ id, state: id === 'B' ? 'already-ready' : 'gone' })),
  );
  expect(await outcome).toEqual({ name: 'arrived', count: 1 });
});

it('says that the library was not told where a request fails, and does not fail itself', async () => {
  const outcome = cancel(async (ids) => {
    if (ids.includes('C')) throw new NetworkError('offline');
    return ids.map((id) => ({ id, state: 'cancelled' }));
  });
  expect(await outcome).toEqual({ name: 'untold' });
});

it('does not wait for ever', async () => {
  const told = vi.fn();
  void cancel(() => new Promise(() => undefined)).then(told);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(told).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toHaveBeenCalledWith({ name: 'untold' });
});

describe('rows that become known later', () => {
  const asked: string[][] = [];
  const take = async (ids: string[]): Promise<CancelAnswer[]> => {
    asked.push(ids);
    return ids.map((id) => ({ id, state: 'cancelled' }));
  };
  beforeEach(() => void asked.splice(0));

  it('are cancelled, too', async () => {
    const outcome = cancel(take, ['A'], Promise.resolve({ ids: ['B'], areAll: true }));
    expect(asked).toEqual([['A']]);
    expect(await outcome).toEqual({ name: 'cancelled' });
    expect(asked).toEqual([['A'], ['B']]);
  });

  it('may be others than those that are known', async () => {
    const later = Promise.resolve({ ids: ['B'], areAll: false });
    expect(await cancel(take, ['A'], later)).toEqual({ name: 'untold' });
    expect(asked).toEqual([['A'], ['B']]);
  });

  it('are nothing to tell of where there are none', async () => {
    expect(await cancel(take, [], Promise.resolve({ ids: [], areAll: true }))).toBeNull();
    expect(asked).toEqual([]);
  });

  it('are not waited for for ever', async () => {
    const outcome = cancel(take, ['A'], new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(11_000);
    expect(await outcome).toEqual({ name: 'untold' });
  });
});
