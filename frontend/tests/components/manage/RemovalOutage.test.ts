// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connection } from '../../../src/app/connection.svelte';
import RemovalOutage from '../../../src/components/manage/RemovalOutage.svelte';
import type { Batch } from '../../../src/manage/batch/batch.svelte';
import { Removal } from '../../../src/manage/deletion/removal.svelte';

let component: ReturnType<typeof mount>;
let removal: Removal;
let answer: () => void;

beforeEach(() => {
  const run = async (batch: Batch) => {
    await batch.run(async (ids) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return ids.map((id) => ({ id, reason: null }));
    });
    return batch.failures;
  };
  removal = new Removal({ delete: run } as never, () => 0);
  component = mount(RemovalOutage, { target: document.body, props: { removal } });
});
afterEach(async () => {
  await unmount(component);
  connection.isAway = false;
});

it('says after Stop that a request that hangs is waited for, and no more that the deletion goes on', async () => {
  const deleting = removal.delete(['a'], new Map());
  await Promise.resolve();
  connection.isAway = true;
  flushSync();
  expect(document.body.textContent).toContain('The deletion goes on by itself');
  const button = document.querySelector('button');
  expect([button?.textContent, button?.getAttribute('aria-label')]).toEqual(['Stop', 'Stop the deletion']);
  button?.focus();
  button?.click();
  flushSync();
  expect(document.body.textContent).toContain('Stopping …');
  expect(document.body.textContent).not.toContain('goes on');
  expect(document.activeElement).toBe(button);
  expect(button?.getAttribute('aria-disabled')).toBe('true');
  answer();
  await deleting;
  flushSync();
  expect(document.querySelector('button')).toBeNull();
});
