import { expect, it } from 'vitest';
import { describePeriod, formatTimeLeft } from '../../../src/manage/deletion/question';

it.each([
  [600, 'They can be restored for 10 minutes.'],
  [60, 'They can be restored for 1 minute.'],
  [90, 'They can be restored for 90 seconds.'],
  [3600, 'They can be restored for 1 hour.'],
  [5400, 'They can be restored for 90 minutes.'],
  [24 * 3600, 'They can be restored for 1 day.'],
  [36 * 3600, 'They can be restored for 36 hours.'],
  [30 * 24 * 3600, 'They can be restored for 30 days.'],
  [1, 'They can be restored for 1 second.'],
  [0, 'They cannot be restored.'],
  [null, 'They can be restored for a while.'],
])('says for how long deleted pictures can be restored: %s', (seconds, text) => {
  expect(describePeriod(seconds)).toBe(text);
});

it.each([
  // The clock of the page is up to a second behind that of the server.
  [600_900, '10 minutes'],
  [599_000, '10 minutes'],
  [541_000, '9 minutes'],
  [30_000, '1 minute'],
  [0, '1 minute'],
  [30 * 24 * 3_600_000, '30 days'],
])('tells the time that is left of %s ms', (left, text) => {
  expect(formatTimeLeft(left)).toBe(text);
});
