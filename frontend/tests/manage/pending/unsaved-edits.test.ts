import { expect, it } from 'vitest';
import { UnsavedEdits } from '../../../src/manage/pending/unsaved-edits.svelte';
import type { PendingEdit } from '../../../src/upload/keeping/pending-records';
import { createImage } from '../../fixtures';
import { Counter } from '../../reactive.svelte';

const EDIT: PendingEdit = { image: createImage('a'), set: { credit: 'Ann' } };

it('has what the forms of whoever is signed in have, for as long as these are there', () => {
  const person = new Counter();
  const edits = new UnsavedEdits(() => `person ${person.count}`);
  const typed = new Counter();
  const remove = edits.add(() => Array<PendingEdit>(typed.count).fill(EDIT));
  expect(edits.all).toEqual([]);
  typed.count = 2;
  expect(edits.all).toEqual([EDIT, EDIT]);
  person.count = 1;
  expect(edits.all).toEqual([]);
  person.count = 0;
  expect(edits.all).toHaveLength(2);
  remove();
  expect(edits.all).toEqual([]);
});
