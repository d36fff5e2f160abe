// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import KeptNotice from '../../../src/components/upload/KeptNotice.svelte';
import { Choices } from '../../../src/upload/keeping/choices.svelte';
import type { QueueKeeper } from '../../../src/upload/keeping/queue-keeper.svelte';
import { monitor } from '../../../src/upload/queue/uploads.svelte';
import { MemoryStore } from '../../upload/keeping/memory-store';

let component: ReturnType<typeof mount> | null = null;

afterEach(async () => {
  if (component !== null) await unmount(component);
  component = null;
  monitor.keeper = null;
});

it('says what was left of a choice to whoever has chosen it, until it is dismissed', async () => {
  document.body.innerHTML = '<main data-page><h1 tabindex="-1">Upload</h1></main>';
  const choices = new Choices(new MemoryStore(), 'page', () => null);
  const left = { page: 'page', total: 302, recorded: 12, folder: 'trip', chosen: 1 };
  choices.left = [
    { ...left, id: '1', owner: null },
    { ...left, id: '2', owner: 'bob', total: 20 },
  ];
  monitor.keeper = { choices, locked: 0, restored: 0 } as unknown as QueueKeeper;
  component = mount(KeptNotice, { target: document.body });
  flushSync();
  expect(document.body.textContent).toMatch('302 photos were chosen.');
  expect(document.body.textContent).not.toMatch('20 photos');
  const button = document.querySelector<HTMLElement>('button[aria-label=Dismiss]');
  button?.focus();
  button?.click();
  await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('Upload'));
  expect(document.body.textContent).not.toMatch('302 photos');
});
