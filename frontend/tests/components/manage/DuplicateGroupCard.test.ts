// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DuplicateGroup } from '../../../src/api/types';
import DuplicateGroupCard from '../../../src/components/manage/DuplicateGroupCard.svelte';
import { createImage } from '../../fixtures';

const ondelete = vi.fn<(ids: string[]) => void>();
let component: ReturnType<typeof mount>;

/** The picture whose deletion waits for the connection. */
let waiting: string;

function show(kind: DuplicateGroup['kind'], ...ids: string[]): void {
  const group = { kind, images: ids.map(createImage) };
  const props = { group, isWaiting: (id: string) => id === waiting, isBusy: false, ondelete };
  component = mount(DuplicateGroupCard, { target: document.body, props });
  flushSync();
}

beforeEach(() => {
  waiting = '';
  vi.clearAllMocks();
});
afterEach(() => unmount(component));

const listFates = (): (string | null)[] =>
  [...document.querySelectorAll('.fate')].map(({ textContent }) => textContent);
const getButton = (): HTMLButtonElement => document.querySelector('button') as HTMLButtonElement;

function choose(id: string): void {
  const change = new Event('change', { bubbles: true });
  document.querySelector(`input[value=${id}]`)?.dispatchEvent(change);
  flushSync();
}

describe('a group of duplicates', () => {
  it('has all but one chosen for deletion where they are the same picture', () => {
    show('same-pixels', 'a', 'b', 'c');
    expect(listFates()).toEqual(['Will be kept', 'Will be deleted', 'Will be deleted']);
    choose('b');
    expect(listFates()).toEqual(['Will be deleted', 'Will be kept', 'Will be deleted']);
    getButton().click();
    expect(ondelete).toHaveBeenCalledExactlyOnceWith(['a', 'c']);
  });

  it('says of what waits to be deleted that it will be, though nothing is chosen any more', () => {
    waiting = 'b';
    show('near', 'a', 'b', 'c');
    expect(listFates()).toEqual(['Will be kept', 'Will be deleted', 'Will be kept']);
  });

  it('has nothing chosen where they are merely similar', () => {
    show('near', 'a', 'b', 'c');
    expect(listFates()).toEqual(['Will be kept', 'Will be kept', 'Will be kept']);
    expect(document.querySelectorAll(':checked')).toHaveLength(0);
    expect(document.body.textContent).toContain('similar, and not the same, so none is chosen');
    getButton().click();
    expect(ondelete).not.toHaveBeenCalled();
    choose('c');
    expect(listFates()).toEqual(['Will be kept', 'Will be kept', 'Will be deleted']);
    getButton().click();
    expect(ondelete).toHaveBeenCalledExactlyOnceWith(['c']);
  });
});
