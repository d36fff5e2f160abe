import { expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import {
  arrange,
  findFailed,
  formatGroup,
  formatMissed,
  formatTotals,
  getGroup,
  NO_FILES,
} from '../../../src/upload/file/groups';
import { begin, type UploadState } from '../../../src/upload/file/state';

const reason = createReason('file-empty');

const CONTENT = { type: 'image/jpeg', sha256: '00' };

const createItem = (state: UploadState, isStarted = true, { isPast = false, isLeft = false } = {}) => ({
  state,
  isStarted,
  isPast,
  isLeft,
});

it('tells files that wait for “Upload” from those under way', () => {
  expect(getGroup(createItem(begin(), false))).toBe('staged');
  expect(getGroup(createItem(begin()))).toBe('active');
  const from = {
    name: 'processing',
    content: CONTENT,
    id: 'A',
    retries: { sends: 0, creations: 0 },
  } as const;
  expect(getGroup(createItem({ name: 'cancelling', from }))).toBe('cancelling');
  expect(getGroup(createItem({ name: 'cancelling', from, isUndone: true }))).toBe('active');
  expect(getGroup(createItem({ name: 'rejected', reason }, false))).toBe('rejected');
  expect(getGroup(createItem({ name: 'missing', content: null }))).toBe('missing');
});

it('puts the files on top that need help, and keeps the order otherwise', () => {
  const items = [
    createItem(begin()),
    createItem({ name: 'failed', reason }),
    createItem({ name: 'cancelled' }),
    createItem({ name: 'rejected', reason }),
  ];
  const { all, groups } = arrange(items);
  expect(all).toEqual([items[1], items[3], items[0], items[2]]);
  expect(groups.get('failed')).toEqual([items[1]]);
  expect(groups.has('ready')).toBe(false);
});

it('puts what has failed before what was not taken', () => {
  const items = [
    createItem({ name: 'rejected', reason }, false),
    createItem({ name: 'rejected', reason }, false, { isLeft: true }),
    createItem({ name: 'failed', reason }),
  ];
  expect(arrange(items).all).toEqual([items[2], items[1], items[0]]);
});

it('puts new files before what has failed earlier, and on top those of them that were not taken', () => {
  const items = [
    createItem({ name: 'failed', reason }),
    createItem(begin()),
    createItem(begin(), false),
    createItem({ name: 'rejected', reason }, false, { isLeft: true }),
    createItem({ name: 'rejected', reason }, false, { isPast: true }),
    createItem({ name: 'rejected', reason }, false),
  ];
  expect(arrange(items).all).toEqual([5, 2, 0, 3, 4, 1].map((index) => items[index]));
});

it('puts what could not be read of the last choice on top of it', () => {
  const items = [
    createItem({ name: 'failed', reason }),
    createItem({ name: 'rejected', reason }, false),
    createItem(begin(), false),
    createItem({ name: 'failed', reason }, false),
  ] as const;
  expect(arrange(items).all).toEqual([items[3], items[1], items[2], items[0]]);
  // Also once none of the others waits for “Upload”.
  const done = items.filter(({ state }) => state.name !== 'waiting');
  expect(arrange(done).all).toEqual([items[3], items[0], items[1]]);
});

it('tells what failed and what was cancelled apart from what has worked', () => {
  expect(formatMissed({ ...NO_FILES, ready: 39, active: 2, failed: 3 })).toBe('3 failed');
  expect(formatMissed({ ...NO_FILES, failed: 1, rejected: 2, cancelled: 4 })).toBe(
    '1 failed · 2 not taken · 4 cancelled',
  );
  expect(formatMissed({ ...NO_FILES, ready: 5 })).toBe('');
});

it('says of the whole list what is in the library, and what has become of the others', () => {
  const counts = { ...NO_FILES, ready: 291, duplicate: 4, failed: 1, rejected: 6 };
  expect(formatTotals(counts)).toBe('291 of 302 in the library · 4 already there · 1 failed · 6 not taken');
  expect(formatTotals({ ...NO_FILES, ready: 2, active: 3, staged: 1 })).toBe('2 of 6 in the library');
});

it('counts no file as failed that nobody has uploaded', () => {
  const items = [
    createItem({ name: 'rejected', reason }, false),
    createItem({ name: 'rejected', reason }),
    createItem({ name: 'failed', reason }),
    createItem({ name: 'cancelled' }),
  ];
  expect(findFailed(items)).toEqual([items[1], items[2]]);
});

it('has words for each number', () => {
  expect(formatGroup('ready', 1113)).toBe(`${(1113).toLocaleString()} ready`);
});
