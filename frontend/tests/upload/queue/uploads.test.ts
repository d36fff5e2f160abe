// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import { announcer } from '../../../src/app/announcer.svelte';
import { queue } from '../../../src/upload/queue/uploads.svelte';
import { createPhotos } from '../../fixtures';

afterEach(() => queue.forget());

it('announces the end of an upload that is cancelled before its progress was looked at', async () => {
  queue.add(createPhotos(2));
  queue.start({});
  queue.cancelAll();
  await vi.waitFor(() => expect(announcer.message).toBe('2 photos cancelled.'));
});
