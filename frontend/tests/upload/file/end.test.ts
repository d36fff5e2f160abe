import { expect, it } from 'vitest';
import { describeEnd } from '../../../src/upload/file/end';
import { NO_FILES } from '../../../src/upload/file/groups';

it.each([
  [{ ready: 3, duplicate: 1 }, '4 photos ready.'],
  [{ ready: 1, failed: 2, rejected: 1 }, '1 photo ready, 2 photos failed, 1 file not taken.'],
  // Somebody has stopped everything: nothing is said of what there is not.
  [{ cancelled: 159, cancelling: 1 }, '160 photos cancelled.'],
  [{}, ''],
])('says of %o: %s', (counts, text) => {
  expect(describeEnd({ ...NO_FILES, ...counts })).toBe(text);
});
