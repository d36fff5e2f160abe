import { expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { Batch } from '../../../src/manage/batch/batch.svelte';

const UNANSWERED = 'Stopped before an answer came.';

const IDS = Array.from({ length: 1100 }, (_, index) => `id-${index}`);

it('counts what was sent, and names each picture that was not changed', async () => {
  const batch = new Batch(IDS);
  const progress: number[] = [];
  const remainder = await batch.run(async (ids) => {
    progress.push(batch.sent);
    expect(batch.isRunning).toBe(true);
    return ids.map((id) => ({ id, reason: id === 'id-700' ? 'Gone.' : null }));
  });
  expect(progress).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  expect(batch.sent).toBe(1100);
  expect(batch.failures).toEqual([{ id: 'id-700', reason: 'Gone.' }]);
  expect(batch.done).toHaveLength(1099);
  expect(batch.isRunning).toBe(false);
  expect(remainder).toBeNull();
});

it('stops between two requests, and tells what was not sent', async () => {
  const batch = new Batch(IDS);
  expect(batch.isStopped).toBe(false);
  await batch.run(async (ids) => {
    batch.stop();
    expect(batch).toMatchObject({ isStopped: true, isRunning: true });
    return ids.map((id) => ({ id, reason: null }));
  });
  expect(batch.done).toHaveLength(100);
  expect(batch.failures).toHaveLength(1000);
  expect(batch.failures[0]?.reason).toBe('Stopped before it was sent.');
});

it('waits for an answer as long as it takes where it is patient, until it is stopped', async () => {
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  const batch = new Batch(['a', 'b'], wait);
  let attempts = 0;
  const isAway: boolean[] = [];
  const remainder = await batch.run(
    async (ids) => {
      attempts += 1;
      isAway.push(batch.isAway);
      if (attempts <= 8) throw new NetworkError();
      return ids.map((id) => ({ id, reason: null }));
    },
    { isPatient: true },
  );
  expect(remainder).toBeNull();
  expect(isAway).toEqual([false, ...Array.from({ length: 8 }, () => true)]);
  expect(batch).toMatchObject({ sent: 2, failures: [], isAway: false });

  const other: Batch = new Batch(['a'], async () => other.stop());
  await other.run(() => Promise.reject(new NetworkError()), { isPatient: true });
  expect(other.failures).toEqual([{ id: 'a', reason: UNANSWERED, isUnknown: true }]);
});

it('sends no further request where it is stopped while it waits for a library that is busy', async () => {
  for (const isPatient of [true, false]) {
    const batch: Batch = new Batch(['a'], async () => batch.stop());
    const send = vi.fn(() => Promise.reject(new ApiError(503, 'busy', 'Busy.')));
    await batch.run(send, { isPatient });
    expect(send).toHaveBeenCalledOnce();
    expect(batch.failures).toEqual([{ id: 'a', reason: UNANSWERED, isUnknown: true }]);
  }
});

it('ends at once where it is stopped while a request fails', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  const batch = new Batch(['a']);
  const running = batch.run(
    () => {
      batch.stop();
      return Promise.reject(new NetworkError());
    },
    { isPatient: true },
  );
  await vi.advanceTimersByTimeAsync(0);
  expect(batch.isRunning).toBe(false);
  await vi.runAllTimersAsync();
  await running;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('names all pictures when the library cannot be reached', async () => {
  const batch = new Batch(['a', 'b'], async () => undefined);
  const remainder = await batch.run(async () => {
    throw new NetworkError();
  });
  expect(batch.failures.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(batch.failures[0]?.reason).toContain('cannot be reached');
  expect(remainder?.ids).toEqual(['a', 'b']);
});

it('takes what is found out later of pictures to which no answer came', async () => {
  const batch: Batch = new Batch(['a', 'b'], async () => batch.stop());
  const remainder = await batch.run(() => Promise.reject(new NetworkError()), { isPatient: true });
  expect(remainder?.unanswered).toEqual(['a', 'b']);
  batch.settle([{ id: 'a', reason: null }]);
  expect(batch).toMatchObject({ sent: 1, changed: ['a'], failures: [{ id: 'b' }] });
});
