// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DeletionAnswer } from '../../../src/api/types';
import { contributorApi } from '../../../src/app/contributor-api';
import DuplicateGroups from '../../../src/components/manage/DuplicateGroups.svelte';
import type { Batch } from '../../../src/manage/batch/batch.svelte';
import { Removal } from '../../../src/manage/deletion/removal.svelte';
import { pictureChanges } from '../../../src/pictures/picture-changes.svelte';
import { createImage } from '../../fixtures';

const IDS = ['a', 'b', 'c', 'd'];
let component: ReturnType<typeof mount> | null;
let answers: (() => void)[];

beforeEach(async () => {
  answers = [];
  // Other tests of this process may have deleted pictures of these ids.
  pictureChanges.forget(IDS, Infinity);
  const groups = [
    { kind: 'same-pixels' as const, images: ['a', 'b'].map(createImage) },
    { kind: 'same-pixels' as const, images: ['c', 'd'].map(createImage) },
  ];
  vi.spyOn(contributorApi, 'listDuplicates').mockResolvedValue({ groups, next: null });
  const run = async (batch: Batch): Promise<readonly DeletionAnswer[]> => {
    await batch.run(async (ids) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      pictureChanges.noteDeleted(ids, Infinity);
      return ids.map((id) => ({ id, reason: null }));
    });
    return [];
  };
  const removal = new Removal({ delete: run } as never, () => 0);
  document.body.innerHTML =
    '<div data-page="uploads"><h1 tabindex="-1">My pictures</h1><input type="search"></div>';
  component = mount(DuplicateGroups, { target: document.body, props: { removal } });
  await vi.waitFor(() => {
    flushSync();
    expect(getButtons()).toHaveLength(2);
  });
});
afterEach(async () => {
  if (component !== null) await unmount(component);
  pictureChanges.forget(IDS, Infinity);
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

function getButtons(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-keep]')];
}

/** Presses the first button that can be pressed, as somebody does with a key. */
function press(): void {
  const button = getButtons().find((each) => each.getAttribute('aria-disabled') === 'false');
  button?.focus();
  button?.click();
  flushSync();
}

async function answer(): Promise<void> {
  await vi.waitFor(() => expect(answers).not.toHaveLength(0));
  answers.shift()?.();
  await new Promise((resolve) => setTimeout(resolve));
  flushSync();
}

it('goes on at the next group, and at the heading after the last one', async () => {
  press();
  await answer();
  expect(document.activeElement).toBe(getButtons()[0]);
  press();
  await answer();
  expect(getButtons()).toEqual([]);
  expect(document.activeElement?.tagName).toBe('H1');
});

it('has other groups deleted from while one waits', async () => {
  press();
  press();
  expect(getButtons().map((button) => button.getAttribute('aria-disabled'))).toEqual(['true', 'true']);
  await answer();
  await answer();
  expect(getButtons()).toEqual([]);
});

it.each([true, false])(
  'takes the focus from nobody who types elsewhere; the groups are shown: %s',
  async (isShown) => {
    press();
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    if (!isShown && component !== null) {
      await unmount(component);
      component = null;
    }
    document.querySelector('input')?.focus();
    const field = document.activeElement;
    await answer();
    expect(document.activeElement).toBe(field);
  },
);
