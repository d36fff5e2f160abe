// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { pendingCounts } from '../../../src/app/pending-counts';
import { createReason } from '../../../src/app/reasons';
import SignOutDialog from '../../../src/components/upload/SignOutDialog.svelte';
import { deletions } from '../../../src/manage/library/library';
import type { UploadItem } from '../../../src/upload/file/item.svelte';
import type { UploadState } from '../../../src/upload/file/state';
import { queue } from '../../../src/upload/queue/uploads.svelte';

let component: ReturnType<typeof mount> | null = null;

afterEach(async () => {
  if (component !== null) await unmount(component);
  component = null;
  vi.restoreAllMocks();
});

/** The title of a question about photos with which nothing more happens, and about `waiting` others. */
function ask(
  states: readonly UploadState['name'][],
  pastStates: readonly UploadState['name'][] = [],
  waiting = 0,
): string {
  const create = (name: UploadState['name'], isPast: boolean) => ({
    name: 'photo.jpg',
    size: 1,
    isStarted: name !== 'rejected',
    isPast,
    newer: null,
    file: null,
    isKept: true,
    state: { name, reason: createReason('file-empty') },
  });
  const items = [
    ...pastStates.map((name) => create(name, true)),
    ...states.map((name) => create(name, false)),
  ];
  vi.spyOn(queue, 'items', 'get').mockReturnValue(items as unknown as UploadItem[]);
  const counts = { active: 0, waiting, retryable: 0, elsewhere: 0 };
  component = mount(SignOutDialog, {
    target: document.body,
    props: { ...counts, endsAt: null, onanswer: () => undefined },
  });
  flushSync();
  return document.querySelector('h2')?.textContent.trim() ?? '';
}

it('says that all photos have arrived where they have while the question stood there', () => {
  expect(ask(['ready', 'duplicate'], ['cancelled'])).toBe('All photos have arrived');
});

it.each([['rejected'], ['cancelled']] as const)(
  'does not say of a photo that was %s that it has arrived',
  (name) => {
    expect(ask(['ready', name])).toBe('Nothing is left to do');
  },
);

it('tells photos that have failed for good apart from those that wait', () => {
  expect(ask(['failed'], [], 8)).toBe('8 photos have not been uploaded');
  expect(document.querySelector('dialog p')?.textContent?.trim()).toBe('1 other photo has failed for good.');
});

it('does not say of photos in other tabs that they have arrived', () => {
  expect(ask([])).toBe('Nothing is left to do');
});

it('asks about a deletion alone: Enter stays signed in, and the buttons stay where they are when it ends', async () => {
  const { removal } = await import('../../../src/manage/library/removal.svelte');
  vi.spyOn(deletions, 'delete').mockReturnValue(new Promise(() => undefined));
  void removal.delete(['1', '2'], new Map());
  expect(ask([])).toBe('2 pictures are still to be deleted');
  const getButtons = () =>
    [...document.querySelectorAll('dialog button')].map(({ textContent }) => textContent?.trim());
  expect(getButtons()).toEqual(['Stay signed in', 'Sign out']);
  expect(document.querySelector('dialog p')?.textContent?.trim()).toBe(
    'That ends when you are signed out: what is not deleted by then stays.',
  );
  removal.stop();
  flushSync();
  expect(document.querySelector('h2')?.textContent?.trim()).toBe('Nothing is left to do');
  expect(getButtons()).toEqual(['Stay signed in', 'Sign out']);
  removal.forget();
});

it.each([
  [1, '1 edit is not saved', 'It is lost when you are signed out: stay signed in, and save it before.'],
  [
    2,
    '2 edits are not saved',
    'They are lost when you are signed out: stay signed in, and save them before.',
  ],
])('asks about %i that are not saved, where it is about nothing else', (count, title, text) => {
  vi.spyOn(pendingCounts, 'edits').mockReturnValue(count);
  expect(ask([])).toBe(title);
  expect(document.querySelector('dialog p')?.textContent?.trim()).toBe(text);
  expect(
    [...document.querySelectorAll('dialog button')].map(({ textContent }) => textContent?.trim()),
  ).toEqual(['Stay signed in', 'Sign out']);
});

it.each([[0], [3]])(
  'says that edits are not saved beside photos that wait and %i pictures to be deleted',
  (count) => {
    vi.spyOn(pendingCounts, 'edits').mockReturnValue(2);
    vi.spyOn(pendingCounts, 'deletions').mockReturnValue(count);
    ask(count === 0 ? ['ready'] : [], [], count === 0 ? 1 : 0);
    expect(document.querySelector('dialog')?.textContent).toContain(
      '2 edits of pictures are not saved, and are lost when you are signed out.',
    );
  },
);

it('says how many pictures are not deleted yet, for as long as they are to be', async () => {
  const { removal } = await import('../../../src/manage/library/removal.svelte');
  const answers: (() => void)[] = [];
  vi.spyOn(deletions, 'delete').mockImplementation(
    (batch) =>
      new Promise((resolve) => {
        batch.sent = 1;
        answers.push(() => resolve([]));
      }),
  );
  ask(['ready'], [], 1);
  const getText = () => document.querySelector('dialog')?.textContent ?? '';
  await vi.waitFor(() => expect(getText()).not.toBe(''));
  expect(getText()).not.toMatch('to be deleted');
  const first = removal.delete(['1', '2', '3'], new Map());
  const second = removal.delete(['4'], new Map());
  await vi.waitFor(() =>
    expect(getText()).toMatch(
      '3 pictures are still to be deleted. That ends when you are signed out: what is not deleted by then stays.',
    ),
  );
  answers[0]?.();
  await first;
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.();
  await second;
  flushSync();
  expect(getText()).not.toMatch('to be deleted');
});

it('says nothing of a deletion that somebody has stopped', async () => {
  const { removal } = await import('../../../src/manage/library/removal.svelte');
  vi.spyOn(deletions, 'delete').mockReturnValue(new Promise(() => undefined));
  void removal.delete(['1'], new Map());
  ask(['ready'], [], 1);
  const getText = () => document.querySelector('dialog')?.textContent ?? '';
  await vi.waitFor(() => expect(getText()).toMatch('1 picture is still to be deleted. That ends'));
  removal.stop();
  flushSync();
  expect(getText()).not.toMatch('to be deleted');
  removal.forget();
});

it('does not count a deletion that was stopped among those that were asked for afterwards', async () => {
  const { removal } = await import('../../../src/manage/library/removal.svelte');
  vi.spyOn(deletions, 'delete').mockReturnValue(new Promise(() => undefined));
  void removal.delete(['1', '2', '3'], new Map());
  removal.stop();
  void removal.delete(['4'], new Map());
  ask(['ready'], [], 1);
  const getText = () => document.querySelector('dialog')?.textContent ?? '';
  await vi.waitFor(() => expect(getText()).toMatch('1 picture is still to be deleted. That ends'));
  removal.forget();
});
