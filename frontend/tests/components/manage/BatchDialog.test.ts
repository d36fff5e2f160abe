// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type { EditAnswer, EditContent, Upload } from '../../../src/api/types';
import { connection } from '../../../src/app/connection.svelte';
import { announcer } from '../../../src/app/announcer.svelte';
import { contributorApi } from '../../../src/app/contributor-api';
import { Batch } from '../../../src/manage/batch/batch.svelte';
import { deletions, edits } from '../../../src/manage/library/library';
import { unsavedEdits } from '../../../src/manage/library/pending-edits.svelte';
import BatchDialog from '../../../src/components/manage/BatchDialog.svelte';
import type { PendingEdit } from '../../../src/upload/keeping/pending-records';
import { createImage } from '../../fixtures';

const ids = ['a', 'b'];
const onclose = vi.fn<(done: readonly string[], outcome: string) => void>();
let component: ReturnType<typeof mount>;
let answer: (answers: EditAnswer[]) => void;

beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('There is no network.'));
  vi.spyOn(contributorApi, 'listUploadsById').mockImplementation(async (asked) =>
    asked.map((id) => ({ id, image: createImage(id) }) as Upload),
  );
  vi.spyOn(contributorApi, 'editImages').mockReturnValue(new Promise((resolve) => (answer = resolve)));
  const shown = new Map(ids.map((id) => [id, createImage(id)]));
  component = mount(BatchDialog, { target: document.body, props: { ids, shown, onclose } });
  flushSync();
});
afterEach(async () => {
  await unmount(component);
  vi.restoreAllMocks();
});

function click(name: string): void {
  const buttons = [...document.querySelectorAll('button')];
  buttons
    .find((button) => [button.getAttribute('aria-label'), button.textContent?.trim()].includes(name))
    ?.click();
  flushSync();
}

function chooseForCredit(action: string): void {
  const select = document.querySelector<HTMLSelectElement>('[aria-label="What to do with: Credit"]');
  if (select === null) throw new Error('There is no such field.');
  select.value = action;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  flushSync();
}

function keep(kept: readonly string[], edit: EditContent): PendingEdit {
  const revisions = new Map(ids.map((id) => [id, 0]));
  return { pictures: new Map(kept.map((id) => [id, `${id}.jpg`])), edit, revisions };
}

function clearCredit(): void {
  chooseForCredit('clear');
  document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
}

it('says in the panel that no answer comes, and goes on once the connection is back', async () => {
  vi.mocked(contributorApi.editImages).mockImplementation(() => Promise.reject(new NetworkError()));
  clearCredit();
  await vi.waitFor(() => expect(document.body.textContent).toContain('There is no connection.'));
  vi.mocked(contributorApi.editImages).mockImplementation(async () =>
    ids.map((id) => ({ id, state: 'unchanged', image: createImage(id) })),
  );
  dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
  onclose.mockClear();
});

it('has the change kept from when it is complete until it is sent, or somebody stops it', async () => {
  expect(unsavedEdits.all).toEqual([]);
  chooseForCredit('set');
  expect(unsavedEdits.all).toEqual([]);
  const kept = [keep(ids, { set: { credit: '' } })];
  clearCredit();
  expect(unsavedEdits.all).toEqual(kept);
  await vi.waitFor(() => expect(contributorApi.editImages).toHaveBeenCalledOnce());
  expect(unsavedEdits.all).toEqual(kept);
  flushSync();
  click('Stop');
  expect(unsavedEdits.all).toEqual([]);
});

it('has what is complete kept while another field is not', () => {
  const field = document.querySelector<HTMLInputElement>('#batch-add');
  if (field === null) throw new Error('There is no such field.');
  field.value = 'sea,';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('blur'));
  chooseForCredit('set');
  expect(unsavedEdits.all).toEqual([keep(ids, { add_tags: ['sea'] })]);
});

it('has those pictures kept that were not sent, as the library has refused all the same', async () => {
  vi.mocked(contributorApi.editImages).mockRejectedValue(new ApiError(401, 'token-expired', 'Expired.'));
  clearCredit();
  await vi.waitFor(() => expect(unsavedEdits.all).toEqual([keep(ids, { set: { credit: '' } })]));
  await vi.waitFor(() => expect(document.body.textContent).toContain('Try again'));
  expect(unsavedEdits.all).toEqual([keep(ids, { set: { credit: '' } })]);
});

it('closes once, also when the change on its way ends later', async () => {
  clearCredit();
  await vi.waitFor(() => expect(contributorApi.editImages).toHaveBeenCalledOnce());
  flushSync();
  click('Close');
  click('Discard the changes');
  expect(onclose).toHaveBeenCalledExactlyOnceWith([], '');
  answer(ids.map((id) => ({ id, state: 'unchanged', image: createImage(id) })));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(onclose).toHaveBeenCalledOnce();
});

it('does not promise Control Z for a change that ends after something else was deleted', async () => {
  vi.spyOn(contributorApi, 'deleteImages').mockImplementation(async (deleted) =>
    deleted.map((id) => ({
      id,
      state: 'deleted',
      restorable_until: new Date(Date.now() + 600_000).toISOString(),
    })),
  );
  const announce = vi.spyOn(announcer, 'announce').mockReturnValue();
  clearCredit();
  await vi.waitFor(() => expect(contributorApi.editImages).toHaveBeenCalledOnce());
  flushSync();
  click('Close');
  click('Discard the changes');
  await deletions.delete(new Batch(['c']), () => 'c.jpg');
  answer(
    ids.map((id) => {
      const image = createImage(id);
      return { id, state: 'edited', image: { ...image, credit: 'Bo', revision: image.revision + 1 } };
    }),
  );
  await vi.waitFor(() => expect(announce).toHaveBeenCalledExactlyOnceWith('2 pictures changed.'));
  deletions.dismiss();
  edits.dismiss();
});

it('says after Stop that an answer is waited for, and no more that the change goes on', async () => {
  clearCredit();
  await vi.waitFor(() => expect(contributorApi.editImages).toHaveBeenCalledOnce());
  connection.isAway = true;
  flushSync();
  expect(document.body.textContent).toContain('It goes on by itself');
  click('Stop');
  expect(document.body.textContent).toContain('Stopping …');
  expect(document.body.textContent).not.toContain('It goes on by itself');
  connection.isAway = false;
});

function findButton(text: string): HTMLButtonElement | undefined {
  return [...document.querySelectorAll('button')].find(({ textContent }) =>
    textContent.trim().startsWith(text),
  );
}

it('leads the focus from “Change” to “Stop”, and from there to “Try again”', async () => {
  vi.mocked(contributorApi.editImages).mockImplementation(() => Promise.reject(new NetworkError()));
  findButton('Change')?.focus();
  clearCredit();
  await vi.waitFor(() => expect(document.body.textContent).toContain('There is no connection.'));
  expect(document.activeElement).toBe(findButton('Stop'));
  click('Stop');
  await vi.waitFor(() => expect(findButton('Try again')).toBeDefined());
  await vi.waitFor(() => expect(document.activeElement).toBe(findButton('Try again')));
});

it('leads the focus to “Stop” for whoever presses Enter in a field', async () => {
  document.querySelector<HTMLElement>('#batch-add')?.focus();
  clearCredit();
  await vi.waitFor(() => expect(contributorApi.editImages).toHaveBeenCalledOnce());
  flushSync();
  expect(document.activeElement).toBe(findButton('Stop'));
});

it('takes the focus from nobody who is on another button when the change ends', async () => {
  clearCredit();
  await vi.waitFor(() => expect(contributorApi.editImages).toHaveBeenCalledOnce());
  flushSync();
  const close = document.querySelector<HTMLElement>('[aria-label="Close"]');
  close?.focus();
  click('Stop');
  answer(ids.map((id) => ({ id, state: 'gone' }) as never));
  await vi.waitFor(() => expect(findButton('Try again')).toBeDefined());
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(document.activeElement).toBe(close);
});

it('is not stopped by a key that is held down', async () => {
  clearCredit();
  await vi.waitFor(() => expect(contributorApi.editImages).toHaveBeenCalledOnce());
  flushSync();
  const press = (repeat: boolean) => {
    const event = new KeyboardEvent('keydown', { key: 'Enter', repeat, bubbles: true, cancelable: true });
    findButton('Stop')?.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect([press(true), press(false)]).toEqual([true, false]);
});
