import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KeptAct } from '../../../src/manage/undo/kept-act';
import { createStorage } from '../../storage';

interface Act {
  until: number;
  owner: string | null;
  ids: string[];
}

const HOUR = 3_600_000;

let storage: ReturnType<typeof createStorage>;
let kept: KeptAct<Act>;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  storage = createStorage();
  kept = new KeptAct<Act>(storage, 'act', ({ ids }) => Array.isArray(ids));
});
afterEach(() => vi.useRealTimers());

it('gives back what it keeps, with the time that is left by the clock of the server', () => {
  const act = { until: HOUR + 600_000, owner: 'alice', ids: ['a'] };
  // The local clock is an hour behind.
  expect(kept.write(act, HOUR)).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(kept.read('alice')).toEqual({ act, left: 540_000 });
  vi.advanceTimersByTime(540_000);
  expect([kept.read('alice'), storage.length]).toEqual([null, 0]);
});

it.each(['nonsense', 'null', '{}', '{"act":{"until":9,"owner":"alice"},"ahead":0}'])(
  'takes %s for no act, and removes it',
  (text) => {
    storage.setItem('act', text);
    expect([kept.read('alice'), storage.length]).toEqual([null, 0]);
  },
);

it('says so where the browser has no room, and keeps nothing of what was there', () => {
  const act = { until: HOUR, owner: 'alice', ids: ['a'] };
  kept.write(act, 0);
  const full = {
    ...storage,
    setItem: () => {
      throw new DOMException('Full.', 'QuotaExceededError');
    },
  };
  const refused = new KeptAct<Act>(full, 'act', () => true);
  expect(refused.write(act, 0)).toBe(false);
  expect(refused.read('alice')).toBeNull();
});
