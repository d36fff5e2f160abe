// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { createPhotos } from '../../fixtures';

it('announces the end of an upload that is cancelled before its progress was looked at', async () => {
  // The modules of another test file wait for timers of a document that has gone.
  vi.resetModules();
  const { announcer } = await import('../../../src/app/announcer.svelte');
  const { queue } = await import('../../../src/upload/queue/uploads.svelte');
  queue.add(createPhotos(2));
  queue.start({});
  queue.cancelAll();
  await vi.waitFor(() => expect(announcer.message).toBe('2 photos cancelled.'));
});
