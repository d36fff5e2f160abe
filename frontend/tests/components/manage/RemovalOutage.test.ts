// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import { connection } from '../../../src/app/connection.svelte';
import RemovalOutage from '../../../src/components/manage/RemovalOutage.svelte';
import type { Batch } from '../../../src/manage/batch/batch.svelte';
import { Removal } from '../../../src/manage/deletion/removal.svelte';

let component: ReturnType<typeof mount>;
let removal: Removal;
let answer: () => void;
let fail: () => void;

beforeEach(() => {
  const run = async (batch: Batch) => {
    await batch.run(async (ids) => {
      await new Promise<void>((resolve, reject) => {
        answer = resolve;
        fail = () => reject(new NetworkError());
      });
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

it('stops nothing for the second click of a double click, before which another button may have stood there', async () => {
  const deleting = removal.delete(['a'], new Map());
  await Promise.resolve();
  connection.isAway = true;
  flushSync();
  document.querySelector('button')?.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 2 }));
  expect(removal.isStopped).toBe(false);
  answer();
  await deleting;
});

it.each([
  [
    'the picture that was not deleted',
    '<li data-upload-id="a"><input></li><li data-upload-id="b"><input></li>',
  ],
  ['its field among the captions', '<li data-upload-id="a"><textarea></textarea></li>'],
  ['its box among the duplicates', '<div data-keep-group><input value="a"></div>'],
  ['the heading, where no such picture is shown', '<div data-page="uploads"><h1 tabindex="-1"></h1></div>'],
])('gives the focus, once it is stopped, to %s', async (_, content) => {
  const page = document.createElement('div');
  page.innerHTML = content;
  document.body.append(page);
  const deleting = removal.delete(['a'], new Map());
  await Promise.resolve();
  connection.isAway = true;
  flushSync();
  const button = document.querySelector('button');
  button?.focus();
  button?.click();
  fail();
  await deleting;
  await vi.waitFor(() => expect(document.querySelector('button')).toBeNull());
  await vi.waitFor(() => expect(document.activeElement).toBe(page.querySelector('input, textarea, h1')));
  page.remove();
});

it('takes the focus from nobody who has gone on', async () => {
  const field = document.createElement('input');
  document.body.append(field);
  const deleting = removal.delete(['a'], new Map());
  await Promise.resolve();
  connection.isAway = true;
  flushSync();
  document.querySelector('button')?.click();
  field.focus();
  fail();
  await deleting;
  flushSync();
  await new Promise((resolve) => setTimeout(resolve));
  expect(document.activeElement).toBe(field);
  field.remove();
});

it('counts neither what was stopped nor what is deleted already', async () => {
  const first = removal.delete(['a'], new Map());
  await Promise.resolve();
  removal.stop();
  const ids = Array.from({ length: 150 }, (_, index) => `${index}`);
  const second = removal.delete(ids, new Map());
  connection.isAway = true;
  flushSync();
  expect(document.body.textContent).toMatch(/To be deleted:\s+150 pictures\./);
  answer();
  await first;
  answer();
  await vi.waitFor(() => expect(removal.batch?.sent).toBe(100));
  flushSync();
  expect(document.body.textContent).toMatch(/To be deleted:\s+50 pictures\./);
  answer();
  await second;
});
