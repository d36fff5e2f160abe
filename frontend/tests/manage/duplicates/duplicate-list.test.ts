import { beforeEach, describe, expect, it } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { DuplicatesPage, Image } from '../../../src/api/types';
import { choosePictureToKeep, DuplicateList } from '../../../src/manage/duplicates/duplicate-list.svelte';
import { PictureChanges } from '../../../src/pictures/picture-changes.svelte';
import { createImage } from '../../fixtures';

let changes: PictureChanges;
let pages: DuplicatesPage[];
let error: Error | null;

beforeEach(() => {
  changes = new PictureChanges();
  pages = [];
  error = null;
});

function createList(): DuplicateList {
  return new DuplicateList({
    load: async (cursor) => {
      if (error !== null) throw error;
      return pages[Number(cursor ?? 0)] as DuplicatesPage;
    },
    changes,
  });
}

/** A page with groups of these pictures, which leads to another one unless it `isLast`. */
function addPage(isLast: boolean, ...groups: string[][]): void {
  pages.push({
    groups: groups.map((ids) => ({ kind: 'near', images: ids.map(createImage) })),
    next: isLast ? null : String(pages.length + 1),
  });
}

function getIds(list: DuplicateList): string[][] {
  return list.groups.map(({ images }) => images.map(({ id }) => id));
}

describe('a list of duplicates', () => {
  it('goes on over pages without a group', async () => {
    addPage(false);
    addPage(false, ['a', 'b']);
    addPage(true, ['c', 'd', 'e']);
    const list = createList();
    await list.load(true);
    expect(getIds(list)).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    expect(list.cursor).toBeNull();
  });

  it('stops for a while once there are enough', async () => {
    addPage(false, ...Array.from({ length: 20 }, (_, index) => [`a${index}`, `b${index}`]));
    addPage(true, ['c', 'd']);
    const list = createList();
    await list.load(true);
    expect([list.groups.length, list.cursor]).toEqual([20, '1']);
    await list.load(false);
    expect([list.groups.length, list.cursor]).toEqual([21, null]);
  });

  it('has no group any more of which one picture is left, and has it again after Undo', async () => {
    addPage(true, ['a', 'b'], ['c', 'd', 'e']);
    const list = createList();
    await list.load(true);
    changes.noteDeleted(['b', 'e'], Date.now() + 1000);
    expect(getIds(list)).toEqual([['c', 'd']]);
    changes.noteCurrent([createImage('b')]);
    expect(getIds(list)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('keeps what it has when a page fails', async () => {
    addPage(false, ['a', 'b']);
    const list = createList();
    error = new NetworkError();
    await list.load(true);
    expect(list.state.name).toBe('error');
    error = null;
    addPage(true, ['c', 'd']);
    await list.load(false);
    expect([list.state.name, list.groups.length]).toEqual(['idle', 2]);
  });
});

describe('choosePictureToKeep', () => {
  function create(id: string, changed: Partial<Image> = {}): Image {
    return { ...createImage(id), ...changed };
  }

  it.each([
    ['the largest', [create('a'), create('b', { width: 900 }), create('c')], 'b'],
    ['of equal ones the oldest', [create('a'), create('b', { created: '2026-04-01T12:00:00.000Z' })], 'b'],
    ['the only one', [create('a')], 'a'],
    ['none of none', [], ''],
  ])('keeps %s', (_, images, kept) => {
    expect(choosePictureToKeep(images)).toBe(kept);
  });
});
