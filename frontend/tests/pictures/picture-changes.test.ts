import { expect, it } from 'vitest';
import { PictureChanges } from '../../src/pictures/picture-changes.svelte';
import { createImage } from '../fixtures';

const OLD = { ...createImage('a'), revision: 1 };
const EDITED = { ...OLD, description: 'Edited', revision: 2 };

it('shows a picture as it was edited, unless the list has a newer one', () => {
  const changes = new PictureChanges();
  changes.noteCurrent([EDITED]);
  expect(changes.apply([OLD, createImage('b')])[0]?.description).toBe('Edited');
  expect(changes.update({ ...OLD, description: 'Newer', revision: 3 }).description).toBe('Newer');
});

it('hides deleted pictures, and hands on a list that nothing has changed as it is', () => {
  const changes = new PictureChanges();
  const list = [OLD, createImage('b')];
  expect(changes.apply(list)).toBe(list);
  changes.noteDeleted(['a'], 5);
  expect(changes.apply(list).map(({ id }) => id)).toEqual(['b']);
  expect(changes.getRestorableUntil('a')).toBe(5);
  expect(changes.getRestorableUntil('b')).toBeNull();
});

it('forgets what happened before a number, and nothing later', () => {
  const changes = new PictureChanges();
  changes.noteDeleted(['a'], 5);
  const { count } = changes;
  changes.noteDeleted(['b'], 5);
  changes.forget(['a', 'b', 'c'], count);
  expect(changes.getRestorableUntil('a')).toBeNull();
  expect(changes.getRestorableUntil('b')).toBe(5);
});
