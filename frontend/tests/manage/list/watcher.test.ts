import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { localClock } from '../../../src/app/clock';
import { Watcher } from '../../../src/manage/list/watcher';

let unsettled: string[];
let answers: (boolean | Error)[];
let asked: number[];
let isVisible: boolean;
let watcher: Watcher;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  unsettled = ['a'];
  answers = [];
  asked = [];
  isVisible = true;
  watcher = new Watcher(
    {
      listUnsettled: () => unsettled,
      update: () => {
        asked.push(Date.now());
        const answer = answers.shift() ?? false;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    localClock,
    () => isVisible,
  );
});
afterEach(() => {
  watcher.stop();
  vi.useRealTimers();
});

it('asks again and again, less often while nothing changes', async () => {
  watcher.start();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(asked).toEqual([3000, 7500, 14_250]);
});

it('asks soon again after a change, and goes on after an error', async () => {
  answers = [new Error('No answer.'), true];
  watcher.start();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(asked).toEqual([3000, 7500, 10_500]);
});

it('never waits for longer than half a minute', async () => {
  watcher.start();
  await vi.advanceTimersByTimeAsync(600_000);
  const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  expect(Math.max(...gaps)).toBe(30_000);
});

it.each([
  ['nothing is unsettled', () => void (unsettled = [])],
  ['nobody looks', () => void (isVisible = false)],
  ['it is stopped', () => watcher.stop()],
])('asks nothing while %s', async (_, arrange) => {
  watcher.start();
  arrange();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([]);
});
