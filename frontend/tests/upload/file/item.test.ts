import { expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { setHashedBytes, cancel, fail, startHashing, type Waiting } from '../../../src/upload/file/state';
import { createPhoto } from '../../fixtures';

it('changes its state only from the named one', () => {
  const item = new UploadItem(createPhoto('a.jpg'));
  item.update('queued', (state) => fail(state, createReason('storage-busy')));
  expect(item.state.name).toBe('waiting');
  item.update('waiting', cancel);
  expect(item.state.name).toBe('cancelled');
});

it('changes its state only for work that was not cancelled', () => {
  const item = new UploadItem(createPhoto('a.jpg'));
  const [old, current] = [new AbortController(), new AbortController()];
  item.state = startHashing(item.state as Waiting, current);
  item.update('hashing', (state) => setHashedBytes(state, 1), old);
  expect(item.state).toMatchObject({ hashedBytes: 0 });
  item.update('hashing', (state) => setHashedBytes(state, 2), current);
  expect(item.state).toMatchObject({ hashedBytes: 2 });
});
