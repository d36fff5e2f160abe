import { expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { sumProgress } from '../../../src/upload/file/progress';
import type { UploadState } from '../../../src/upload/file/state';
import {
  countWaiting,
  describeLost,
  describeSignInPause,
  describeWaiting,
} from '../../../src/upload/file/waiting';
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

it('does not count what storage takes without another question to the library', () => {
  const now = Date.parse('2026-05-01T12:00:00Z');
  const issue = (expires: string) => ({
    ticket: { method: 'PUT' as const, url: '', headers: {}, expires },
    issuedAt: now,
  });
  const issued = issue('2026-05-01T12:15:00Z');
  const sum = sumProgress(
    [
      createItem({ name: 'uploading', ...queued, issued, abort: new AbortController(), sentBytes: 0 }),
      createItem({ name: 'queued', ...queued, issued, notBefore: 0, reason: null }),
      createItem({
        name: 'queued',
        ...queued,
        issued: issue('2026-05-01T12:00:01Z'),
        notBefore: 0,
        reason: null,
      }),
      createItem({ name: 'queued', ...queued, issued: null, notBefore: 0, reason: null }),
      createItem({ name: 'processing', ...queued }),
    ],
    now + 900,
  );
  expect(sum).toMatchObject({ unsent: 4, ticketed: 2 });
  expect(countWaiting(sum, sum.ticketed)).toBe(2);
  expect(describeSignInPause(sum.unsent, sum.ticketed)).toBe(
    '2 still being sent · 2 wait for you to sign in',
  );
});

it('says of what storage has that only its outcome is missing', () => {
  expect(describeSignInPause(1, 0)).toBe('1 waits for you to sign in');
  expect(describeSignInPause(3, 3)).toBe(
    '3 still being sent · what becomes of them is shown once you sign in',
  );
  expect(describeSignInPause(0, 0)).toBe('what becomes of them is shown once you sign in');
});

it('says how many they are', () => {
  expect(describeWaiting(1)).toBe('1 photo waits for your sign-in.');
  expect(describeWaiting(1200)).toBe('1,200 photos wait for your sign-in.');
});

it('calls photos of several people nobody’s own', () => {
  expect(describeWaiting(8, 2)).toBe('8 photos in this browser wait for a sign-in.');
});

it('says how many have to be chosen again', () => {
  expect(describeLost({ count: 302, lost: 0 })).toBe('');
  expect(describeLost({ count: 302, lost: 213 })).toBe(
    '213 of them have to be chosen again then, as this browser has kept only their names.',
  );
  expect(describeLost({ count: 3, lost: 3 })).toBe(
    'They have to be chosen again then, as this browser has kept only their names.',
  );
  expect(describeLost({ count: 1, lost: 1 })).toBe(
    'It has to be chosen again then, as this browser has kept only its name.',
  );
});
