import { expect, it } from 'vitest';
import { describePeriod } from '../../../src/manage/deletion/question';

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
