import { expect, it } from 'vitest';
import { BATCH_FIELDS, BatchDraft, listActions } from '../../../src/manage/batch/batch-draft.svelte';

it('sends nothing of a field that is left as it is', () => {
  const draft = new BatchDraft();
  expect(draft.isChanged).toBe(false);
  draft.values.credit = 'typed, and then left as it is';
  expect(draft.isChanged).toBe(false);
  expect(draft.content).toEqual({});
});

it('sets and clears fields, and adds and removes tags', () => {
  const draft = new BatchDraft();
  draft.actions.credit = 'set';
  draft.values.credit = ' Ann ';
  draft.actions.place = 'clear';
  draft.values.place = 'typed before';
  draft.actions.embargo = 'clear';
  draft.addTags = ['#Sea'];
  draft.removeTags = ['lake', 'Lake'];
  expect(draft.isChanged).toBe(true);
  expect(draft.content).toEqual({
    set: { credit: 'Ann', place: '', embargo: null },
    add_tags: ['sea'],
    remove_tags: ['lake'],
  });
});

it('says which field is to be set and has no text', () => {
  const draft = new BatchDraft();
  draft.actions.creator = 'set';
  draft.values.creator = '  ';
  expect(draft.incomplete).toEqual(['creator']);
  draft.actions.creator = 'clear';
  expect(draft.incomplete).toEqual([]);
});

it('clears no field that a picture needs', () => {
  const clearable = BATCH_FIELDS.filter((name) => listActions(name).some(([action]) => action === 'clear'));
  expect(clearable).not.toContain('license');
  expect(clearable).toContain('description');
  expect(BATCH_FIELDS).not.toContain('name');
});
