import { expect, it } from 'vitest';
import { describeEnd } from '../../../src/upload/file/end';
import { NO_FILES } from '../../../src/upload/file/groups';

it.each([
  [{ ready: 3, duplicate: 1 }, '3 photos ready, 1 photo already there.'],
  [{ ready: 1, failed: 2, rejected: 1 }, '1 photo ready, 2 photos failed, 1 file not taken.'],
  // Somebody has stopped everything: nothing is said of what there is not.
  [{ cancelled: 159, cancelling: 1 }, '160 photos cancelled.'],
  [{}, ''],
])('says of %o: %s', (counts, text) => {
  const upload = { ...NO_FILES, ...counts };
  expect(describeEnd({ upload, counts: upload })).toBe(text);
});

it('says that it is about the last upload alone, where the numbers on the screen are of others, too', () => {
  const upload = { ...NO_FILES, ready: 6, failed: 1 };
  const counts = { ...upload, failed: 2, rejected: 4 };
  expect(describeEnd({ upload, counts })).toBe('This upload: 6 photos ready, 1 photo failed.');
  // What has not been uploaded yet is none of what has come of uploads.
  expect(describeEnd({ upload, counts: { ...upload, staged: 3 } })).toBe('6 photos ready, 1 photo failed.');
  expect(describeEnd({ upload: NO_FILES, counts })).toBe('');
});
