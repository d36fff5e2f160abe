import { expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import { getRemoval } from '../../../src/upload/file/removal';
import { begin } from '../../../src/upload/file/state';

const hopeless = createReason('file-empty');

it('takes files together that nothing more happens to, by what has become of them', () => {
  expect(getRemoval({ name: 'duplicate', image: null, reason: hopeless })).toBe('finished');
  expect(getRemoval({ name: 'rejected', reason: hopeless })).toBe('rejected');
  expect(getRemoval({ name: 'failed', reason: hopeless })).toBe('failed');
  expect(getRemoval({ name: 'cancelled' })).toBe('cancelled');
  const refused = createReason('refused-before', { code: 'truncated', detail: 'Cut.' });
  expect(getRemoval({ name: 'rejected', reason: refused })).toBe('rejected');
});

it('leaves files in the list that go on, or that somebody can help', () => {
  expect(getRemoval(begin())).toBeNull();
  expect(getRemoval({ name: 'missing', content: null })).toBeNull();
  for (const name of ['rejected', 'failed'] as const) {
    expect(getRemoval({ name, reason: { ...hopeless, canRetry: true } })).toBeNull();
    expect(getRemoval({ name, reason: { ...hopeless, needsOtherDetails: true } })).toBeNull();
  }
});
