import { expect, it } from 'vitest';
import type { Cancelling } from '../../../src/upload/file/state';
import { getStateLabel } from '../../../src/upload/file/state-labels';

const content = { type: 'image/jpeg', sha256: '00' };
const retries = { sends: 0, creations: 0 };

it('tells a file that waits for "Upload" from one that waits for the API', () => {
  expect(getStateLabel({ name: 'hashed', content, retries }, false)).toBe('Ready to upload');
  expect(getStateLabel({ name: 'hashed', content, retries }, true)).toBe('Waiting');
  expect(getStateLabel({ name: 'processing', content, id: 'A', retries }, true)).toBe('Processing');
});

it('says nothing of a cancellation that was taken back', () => {
  const state: Cancelling = { name: 'cancelling', from: { name: 'processing', content, id: 'A', retries } };
  expect(getStateLabel(state, true)).toBe('Cancelling…');
  expect(getStateLabel({ ...state, isUndone: true }, true)).toBe('Waiting');
});
