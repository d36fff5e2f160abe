// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { contributorApi } from '../../../src/app/contributor-api';
import { session } from '../../../src/app/session.svelte';
import LeftEdits from '../../../src/components/manage/LeftEdits.svelte';
import { editSender, pendingEdits } from '../../../src/manage/library/pending-edits.svelte';
import type { PendingEdit } from '../../../src/upload/keeping/pending-records';
import { createImage, createToken } from '../../fixtures';
import { Counter } from '../../reactive.svelte';

let component: ReturnType<typeof mount>;
/** A document of its own within the one that other files have left something in. */
let root: HTMLElement;
let count: Counter;

beforeEach(() => {
  count = new Counter();
  vi.spyOn(pendingEdits!, 'left', 'get').mockImplementation(() =>
    count.count === 0 ? [] : [{ page: 'ended', owner: 'alice', asked: 0, edits: list(count.count) }],
  );
  vi.spyOn(pendingEdits!, 'look').mockResolvedValue();
  vi.spyOn(pendingEdits!, 'dismiss').mockImplementation(async () => void (count.count = 0));
  session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 600 }));
  root = document.createElement('div');
  root.innerHTML = '<div data-page="uploads"><h1 tabindex="-1"></h1></div>';
  document.body.append(root);
});
afterEach(async () => {
  await unmount(component);
  root.remove();
  session.signOut();
  flushSync();
  vi.restoreAllMocks();
});

/** Captions of so many pictures. */
function list(left: number): PendingEdit[] {
  return Array.from({ length: left }, (_, index) => ({
    image: createImage(`${index}`),
    set: { description: `Boat ${index}` },
  }));
}

function show(left: number, isBrief = false): HTMLButtonElement[] {
  count.count = left;
  component = mount(LeftEdits, { target: root, props: { isBrief } });
  flushSync();
  return [...root.querySelectorAll('button')];
}

function read(selector: string): string[] {
  return [...root.querySelectorAll(selector)].map(({ textContent }) =>
    textContent.replace(/\s+/g, ' ').trim(),
  );
}

it('says nothing where nothing is left, and nothing to somebody whose sign-in has run out', () => {
  expect(show(0)).toEqual([]);
  session.refuse();
  count.count = 1;
  flushSync();
  expect(root.querySelector('button')).toBeNull();
});

it.each([
  [1, '1 edit was not saved when the page was closed.', ['Save it', 'Discard it']],
  [7, '7 edits were not saved when the page was closed.', ['Save them', 'Discard them']],
])('says that of %i, and asks what becomes of it', (left, text, names) => {
  const buttons = show(left);
  expect(read('[role=status] p')).toEqual([text]);
  expect(buttons.map(({ textContent }) => textContent)).toEqual(names);
});

it('shows what was typed, of many the first', () => {
  show(7);
  expect(read('li')).toEqual([
    ...[0, 1, 2, 3, 4].map((index) => `${index}.jpg Description: Boat ${index}`),
    'and 2 more',
  ]);
});

it('shows all that has failed, as what somebody else has changed is overwritten next', async () => {
  vi.spyOn(contributorApi, 'editImage').mockRejectedValue(new ApiError(403, 'unknown', 'Refused.'));
  const [save] = show(7);
  save?.click();
  await vi.waitFor(() => expect(editSender.failed).toHaveLength(7));
  flushSync();
  expect(read('.reason')).toHaveLength(7);
  expect(root.textContent).not.toContain('more');
  editSender.discard();
});

it('does nothing for the second click of a double click, before which the buttons may have changed places', async () => {
  const edit = vi
    .spyOn(contributorApi, 'editImage')
    .mockRejectedValue(new ApiError(403, 'unknown', 'Refused.'));
  const [save] = show(2);
  save?.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }));
  await vi.waitFor(() => expect(editSender.failed).toHaveLength(2));
  flushSync();
  for (const button of root.querySelectorAll('button'))
    button.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 2 }));
  flushSync();
  expect([editSender.failed.length, edit.mock.calls.length]).toEqual([2, 2]);
  editSender.discard();
});

it('shows it on request alone where the notice stands in the way of another page', () => {
  show(2, true);
  expect(read('details:not([open]) > summary')).toEqual(['Show what was typed']);
  expect(read('details li')).toHaveLength(2);
});

it('leaves the focus to the heading once nothing is left', async () => {
  const [, discard] = show(2);
  discard?.focus();
  discard?.click();
  await vi.waitFor(() => expect(document.activeElement).toBe(root.querySelector('h1')));
  expect(root.querySelector('button')).toBeNull();
});

it('says how far the saving has come, that it waits, and what could not be saved', async () => {
  vi.spyOn(contributorApi, 'editImage').mockRejectedValue(new NetworkError());
  const [save] = show(2);
  save?.click();
  await vi.waitFor(() => {
    flushSync();
    expect(read('.text')[0]).toBe(
      'There is no connection. It goes on by itself when the connection is back. 2 edits are still to be saved.',
    );
  });
  const stop = root.querySelector('button');
  expect(stop?.textContent).toBe('Stop');
  stop?.focus();
  stop?.click();
  flushSync();
  await vi.waitFor(() => expect(editSender.failed).toHaveLength(2));
  flushSync();
  expect(read('[role=status] p')).toEqual(['2 edits could not be saved.']);
  expect(read('.reason')).toEqual(['Stopped before an answer came.', 'Stopped before it was sent.']);
  expect(read('button')).toEqual(['Save them', 'Discard them']);
  root.querySelectorAll('button')[1]?.click();
  flushSync();
  expect(editSender.failed).toEqual([]);
});
