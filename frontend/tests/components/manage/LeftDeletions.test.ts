// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { contributorApi } from '../../../src/app/contributor-api';
import { session } from '../../../src/app/session.svelte';
import LeftDeletions from '../../../src/components/manage/LeftDeletions.svelte';
import { pendingDeletions, removal } from '../../../src/manage/library/removal.svelte';
import { createToken } from '../../fixtures';
import { Counter } from '../../reactive.svelte';

let component: ReturnType<typeof mount>;
/** A document of its own within the one that other files have left something in. */
let root: HTMLElement;
let count: Counter;

beforeEach(() => {
  count = new Counter();
  const list = () => new Map(Array.from({ length: count.count }, (_, index) => [`${index}`, `${index}.jpg`]));
  vi.spyOn(pendingDeletions!, 'left', 'get').mockImplementation(() => [
    { page: 'ended', owner: 'alice', pictures: list(), asked: 0 },
  ]);
  vi.spyOn(pendingDeletions!, 'look').mockResolvedValue();
  vi.spyOn(pendingDeletions!, 'dismiss').mockImplementation(async () => void (count.count = 0));
  vi.spyOn(contributorApi, 'deleteImages').mockReturnValue(new Promise(() => undefined));
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

function show(left: number): HTMLButtonElement[] {
  count.count = left;
  component = mount(LeftDeletions, { target: root });
  flushSync();
  return [...root.querySelectorAll('button')];
}

it('says nothing where nothing is left, and nothing to somebody whose sign-in has run out', () => {
  expect(show(0)).toEqual([]);
  session.refuse();
  count.count = 1;
  flushSync();
  expect(root.querySelector('button')).toBeNull();
});

it.each([
  [1, '1 picture was still to be deleted when the page was closed.', ['Delete it', 'Keep it']],
  [4, '4 pictures were still to be deleted when the page was closed.', ['Delete them', 'Keep them']],
])('says that of %i, and asks what becomes of it', (left, text, names) => {
  const buttons = show(left);
  expect(root.querySelector('[role=status]')?.textContent).toContain(text);
  expect(buttons.map(({ textContent }) => textContent)).toEqual(names);
  expect(contributorApi.deleteImages).not.toHaveBeenCalled();
});

it.each([
  ['Delete them', 0, ['0', '1']],
  ['Keep them', 1, null],
])('leaves the focus to the heading after “%s”', async (_, place, deleted) => {
  const button = show(2)[place];
  button?.focus();
  button?.click();
  await vi.waitFor(() => expect(document.activeElement).toBe(root.querySelector('h1')));
  expect(root.querySelector('button')).toBeNull();
  expect(removal.batch?.ids ?? null).toEqual(deleted);
  expect(vi.mocked(contributorApi.deleteImages).mock.lastCall?.[0] ?? null).toEqual(deleted);
});
