import { expect, it } from 'vitest';
import { getStateLabel } from '../../../src/upload/file/state-labels';

it('tells a file that waits for "Upload" from one that waits for the API', () => {
  expect(getStateLabel('hashed', false)).toBe('Ready to upload');
  expect(getStateLabel('hashed', true)).toBe('Waiting');
  expect(getStateLabel('processing', true)).toBe('Processing');
});
