import { expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { sumProgress } from '../../../src/upload/file/progress';
import type { UploadState } from '../../../src/upload/file/state';
import { countWaiting, describeWaiting } from '../../../src/upload/file/waiting';
import { createPhoto } from '../../fixtures';

const content = { type: 'image/jpeg', sha256: '00' };
const retries = { sends: 0, creations: 0 };
const queued = { content, id: 'ID1', retries };

function createItem(state: UploadState, isStarted = true): UploadItem {
  const item = new UploadItem(createPhoto('photo.jpg'));
  item.state = state;
  if (isStarted) item.shared = {};
  return item;
}

it('counts what goes on after a sign-in, and neither what has ended nor what the library has', () => {
  const sum = sumProgress([
    createItem({ name: 'ready', content, image: null }),
    createItem({ name: 'failed', reason: createReason('file-unreadable') }),
    createItem({ name: 'rejected', reason: createReason('file-empty') }, false),
    createItem({ name: 'processing', ...queued }),
    createItem({ name: 'queued', ...queued, issued: null, notBefore: 0, reason: null }),
    createItem({ name: 'missing', content }),
    createItem({ name: 'hashed', content, retries }, false),
  ]);
  expect(countWaiting(sum)).toBe(3);
});

it('says how many they are', () => {
  expect(describeWaiting(1)).toBe('1 photo waits for your sign-in.');
  expect(describeWaiting(1200)).toBe('1,200 photos wait for your sign-in.');
});

it('calls photos of several people nobody’s own', () => {
  expect(describeWaiting(8, 2)).toBe('8 photos in this browser wait for a sign-in.');
});
