// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type { Image, Upload } from '../../../src/api/types';
import { announcer } from '../../../src/app/announcer.svelte';
import { contributorApi } from '../../../src/app/contributor-api';
import { session } from '../../../src/app/session.svelte';
import { edits } from '../../../src/manage/library/library';
import { unsavedEdits } from '../../../src/manage/library/pending-edits.svelte';
import { undo } from '../../../src/manage/library/undo.svelte';
import EditDialog from '../../../src/components/manage/EditDialog.svelte';
import { createImage } from '../../fixtures';
import { Counter } from '../../reactive.svelte';

const BASE = { ...createImage('a'), description: 'A boat', revision: 1 };
const onclose = vi.fn<() => void>();
let component: ReturnType<typeof mount> | null;

beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('There is no network.'));
  vi.spyOn(contributorApi, 'listUploadsById').mockResolvedValue([{ id: 'a', image: BASE } as Upload]);
  vi.spyOn(contributorApi, 'editImage').mockRejectedValue(new NetworkError());
  onclose.mockClear();
  component = mount(EditDialog, { target: document.body, props: { image: BASE, onclose } });
  flushSync();
});
afterEach(async () => {
  if (component !== null) await unmount(component);
  vi.restoreAllMocks();
  edits.dismiss();
  session.signOut();
});

function type(text: string): void {
  const field = document.querySelector<HTMLTextAreaElement>('#edit-description');
  if (field === null) throw new Error('There is no such field.');
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

function submit(): void {
  document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  flushSync();
}

it('begins with the focus on the first field', () => {
  session.signIn(createToken('alice'));
  flushSync();
  expect(document.activeElement).toBe(document.querySelector('form :is(input, textarea, select)'));
});

it('has what was typed kept on top of what the dialog was opened with, though the page shows something newer', async () => {
  if (component !== null) await unmount(component);
  const theirs = { ...BASE, description: 'A raft', revision: 2 };
  const counter = new Counter();
  const props = {
    get image() {
      return counter.count === 0 ? BASE : theirs;
    },
    onclose,
  };
  component = mount(EditDialog, { target: document.body, props });
  flushSync();
  type('A ship');
  vi.mocked(contributorApi.editImage).mockRejectedValue(new ApiError(412, 'edited-meanwhile', 'Edited.'));
  vi.mocked(contributorApi.listUploadsById).mockResolvedValue([{ id: 'a', image: theirs } as Upload]);
  submit();
  await vi.waitFor(() => expect(document.querySelector('#edit-description-mine')).not.toBeNull());
  counter.count = 1;
  flushSync();
  expect(unsavedEdits.all).toEqual([{ image: BASE, set: { description: 'A ship' } }]);
});

it('has what was typed kept until it is saved, on top of what stood there where somebody has to decide', async () => {
  expect(unsavedEdits.all).toEqual([]);
  type('A ship');
  expect(unsavedEdits.all).toEqual([{ image: BASE, set: { description: 'A ship' } }]);
  const theirs = { ...BASE, description: 'A raft', credit: 'Eve', revision: 2 };
  vi.mocked(contributorApi.editImage).mockRejectedValue(new ApiError(412, 'edited-meanwhile', 'Edited.'));
  vi.mocked(contributorApi.listUploadsById).mockResolvedValue([{ id: 'a', image: theirs } as Upload]);
  submit();
  await vi.waitFor(() => expect(document.body.textContent).toContain('choose what stays'));
  expect(unsavedEdits.all).toEqual([{ image: BASE, set: { description: 'A ship' } }]);
  document.querySelector<HTMLElement>('#edit-description-mine')?.click();
  flushSync();
  expect(unsavedEdits.all).toEqual([{ image: theirs, set: { description: 'A ship' } }]);
  if (component !== null) await unmount(component);
  component = null;
  expect(unsavedEdits.all).toEqual([]);
});

it('does not promise to save what it has given up, as somebody else has signed in', async () => {
  type('A ship');
  submit();
  await vi.waitFor(() => expect(document.body.textContent).toContain('It is saved by itself'));
  const owner = vi.spyOn(session, 'owner', 'get');
  owner.mockReturnValue('eve');
  session.signIn(createToken('eve'));
  flushSync();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const calls = vi.mocked(contributorApi.editImage).mock.calls.length;
  dispatchEvent(new Event('online'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(contributorApi.editImage).toHaveBeenCalledTimes(calls);
  expect(document.querySelector('#edit-save')?.textContent).toContain('Save');
  expect(document.body.textContent).not.toContain('It is saved by itself');
});

it('closes nothing that was opened since, when the request that was on its way ends', async () => {
  let answer!: (image: Image) => void;
  vi.mocked(contributorApi.editImage).mockReturnValue(new Promise((resolve) => (answer = resolve)));
  type('A ship');
  submit();
  await vi.waitFor(() => expect(contributorApi.editImage).toHaveBeenCalledOnce());
  // "Cancel", "Discard the changes": whoever shows the dialog takes it away.
  if (component !== null) await unmount(component);
  component = null;
  answer({ ...BASE, description: 'A ship', revision: 2 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(onclose).not.toHaveBeenCalled();
});

it('is offered to be undone behind what was asked for since, when the request that was on its way ends', async () => {
  let answer!: (image: Image) => void;
  vi.mocked(contributorApi.editImage).mockReturnValue(new Promise((resolve) => (answer = resolve)));
  type('A ship');
  submit();
  await vi.waitFor(() => expect(contributorApi.editImage).toHaveBeenCalledOnce());
  edits.offerOne({ ...createImage('b'), credit: 'Eve' }, { ...createImage('b'), revision: 1 }, ['credit']);
  answer({ ...BASE, description: 'A ship', revision: 2 });
  await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
  expect(edits.latest?.reversals.map(({ id }) => id)).toEqual(['b']);
});

it.each([
  ['Saved. Control Z undoes it.', false],
  ['Saved.', true],
])('tells “%s”; another act is just being undone: %s', async (text, isRunning) => {
  const announce = vi.spyOn(announcer, 'announce').mockReturnValue();
  vi.spyOn(undo, 'running', 'get').mockReturnValue(isRunning ? ({} as typeof undo.running) : null);
  vi.mocked(contributorApi.editImage).mockResolvedValue({ ...BASE, description: 'A ship', revision: 2 });
  type('A ship');
  submit();
  await vi.waitFor(() => expect(announce).toHaveBeenCalledExactlyOnceWith(text));
});

it('locks the fields until there is an answer, and is stopped by hand', async () => {
  type('A ship');
  submit();
  await vi.waitFor(() => expect(document.body.textContent).toContain('It is saved by itself'));
  expect(document.querySelector('form')?.inert).toBe(true);
  const stop = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Stop');
  stop?.click();
  await vi.waitFor(() => expect(document.querySelector('form')?.inert).toBe(false));
  expect(document.body.textContent).not.toContain('It is saved by itself');
  expect(onclose).not.toHaveBeenCalled();
});

it('is not saved in the name of somebody else who presses Save', async () => {
  type('A ship');
  submit();
  await vi.waitFor(() => expect(document.body.textContent).toContain('It is saved by itself'));
  vi.spyOn(session, 'owner', 'get').mockReturnValue('eve');
  session.signIn(createToken('eve'));
  flushSync();
  await new Promise((resolve) => setTimeout(resolve, 50));
  vi.mocked(contributorApi.editImage).mockClear();
  submit();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(contributorApi.editImage).not.toHaveBeenCalled();
});

it('is not offered to somebody else to undo', async () => {
  let answer!: (image: Image) => void;
  vi.mocked(contributorApi.editImage).mockReturnValue(new Promise((resolve) => (answer = resolve)));
  const offer = vi.spyOn(edits, 'offerOne');
  type('A ship');
  submit();
  await vi.waitFor(() => expect(contributorApi.editImage).toHaveBeenCalledOnce());
  vi.spyOn(session, 'owner', 'get').mockReturnValue('frank');
  session.signIn(createToken('frank'));
  flushSync();
  answer({ ...BASE, description: 'A ship', revision: 2 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(offer.mock.results.some(({ value }) => value === true) && edits.latest !== null).toBe(false);
});

function createToken(sub: string): string {
  const payload = btoa(
    JSON.stringify({ sub, iss: 'stockroom', exp: Date.now() / 1000 + 3600, scope: 'upload' }),
  );
  return `x.${payload}.y`;
}

it.each(['stopped', 'refused once the connection is back'])(
  'gives the focus of “Stop” to “Save” where it is %s',
  async (end) => {
    type('A ship');
    submit();
    await vi.waitFor(() => expect(document.body.textContent).toContain('It is saved by itself'));
    const stop = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Stop');
    stop?.focus();
    expect(document.activeElement).toBe(stop);
    if (end === 'stopped') stop?.click();
    else {
      vi.mocked(contributorApi.editImage).mockRejectedValue(new ApiError(403, 'unknown', 'Refused.'));
      dispatchEvent(new Event('online'));
    }
    await vi.waitFor(() => expect(stop?.isConnected).toBe(false));
    expect(document.activeElement?.id).toBe('edit-save');
    // Whoever still holds the key down with which they have stopped it does not save it once more.
    const held = new KeyboardEvent('keydown', {
      key: 'Enter',
      repeat: true,
      bubbles: true,
      cancelable: true,
    });
    document.activeElement?.dispatchEvent(held);
    expect(held.defaultPrevented).toBe(true);
  },
);
