import { expect, it } from 'vitest';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { findMerge, handOver } from '../../../src/upload/file/merge';
import type { UploadState } from '../../../src/upload/file/state';
import { createPhoto } from '../../fixtures';

it('keeps the file of what was chosen again while the library processes it, which may lose it', () => {
  const file = createPhoto('a.jpg');
  const { name, size, lastModified } = file;
  const content = { sha256: 'x', type: 'image/jpeg' };
  const state = {
    name: 'processing',
    content,
    id: 'A',
    retries: { sends: 0, renewals: 0, creations: 0 },
  } as unknown as UploadState;
  const record = { name, size, lastModified, path: name, metadata: {}, shared: {}, position: 1 };
  const returned = UploadItem.restore(record, null, state);
  const chosen = new UploadItem(file);
  chosen.chosen = 1;
  const merge = findMerge(chosen, returned);
  expect(merge?.kept).toBe(returned);
  if (merge !== null) handOver(merge);
  expect(returned.file).toBe(file);
  expect(returned.state.name).toBe('processing');
});
