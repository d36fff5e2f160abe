import { expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { setHashedBytes, cancel, fail, startHashing, type Waiting } from '../../../src/upload/file/state';
import { createEmbedded, createPhoto } from '../../fixtures';

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

it('shows the title that was typed, else that of the file, else what its name suggests', () => {
  const item = new UploadItem(createPhoto('waves-at-midnight.jpg'));
  expect(item.shownTitle).toBe('Waves at midnight');
  item.setEmbedded(createEmbedded({ title: 'Harbour' }));
  expect([item.shownTitle, item.title]).toEqual(['Harbour', 'Harbour']);
  item.ownTitle = 'Port';
  expect([item.shownTitle, item.title]).toEqual(['Port', 'Port']);
  item.ownTitle = '';
  expect([item.shownTitle, item.title]).toEqual(['Harbour', 'Harbour']);
  item.setEmbedded(null);
  expect(item.title).toBe('');
});

it('reports that its file was read, and not that its file says nothing', () => {
  const item = new UploadItem(createPhoto('a.jpg'));
  let changes = 0;
  item.onchange = () => (changes += 1);
  item.setEmbedded(null);
  expect(changes).toBe(0);
  item.setEmbedded(createEmbedded({ credit: 'Ann' }));
  expect(changes).toBe(1);
  // The file has changed on disk, and is read anew.
  item.setEmbedded(null);
  expect([changes, item.embedded]).toEqual([2, null]);
});
