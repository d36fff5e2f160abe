import { describe, expect, it } from 'vitest';
import { EditDraft } from '../../../src/manage/edit/edit-draft.svelte';
import { createImage } from '../../fixtures';

const BASE = { ...createImage('a'), description: 'A boat', credit: 'Ann', revision: 1 };

function edit(changes: Partial<EditDraft['values']>): EditDraft {
  const draft = new EditDraft(BASE);
  Object.assign(draft.values, changes);
  return draft;
}

it('has the changes that were typed, and none once they are taken back', () => {
  const draft = edit({ description: 'A ship', tags: ['sea'] });
  expect(draft.changes).toEqual({ description: 'A ship', tags: ['sea'] });
  draft.values.description = 'A boat';
  draft.values.tags = [];
  expect(draft.isChanged).toBe(false);
});

describe('what somebody else has saved meanwhile', () => {
  const THEIRS = { ...BASE, description: 'A ferry', place: 'Oslo', revision: 2 };

  it('is taken over where nothing was typed', () => {
    const draft = edit({ credit: 'Bob' });
    draft.rebase(THEIRS);
    expect(draft.values.description).toBe('A ferry');
    expect(draft.values.credit).toBe('Bob');
    expect(draft.conflicts).toEqual([]);
    expect(draft.changedMeanwhile).toEqual(['description', 'place']);
    expect(draft.changes).toEqual({ credit: 'Bob' });
    expect(draft.base.revision).toBe(2);
  });

  it('conflicts where something else was typed, and loses none of it', () => {
    const draft = edit({ description: 'A ship' });
    draft.rebase(THEIRS);
    expect(draft.conflicts).toEqual(['description']);
    expect(draft.values.description).toBe('A ship');
    expect(draft.saved.description).toBe('A ferry');
  });

  it('does not conflict where the same was typed', () => {
    const draft = edit({ description: 'A ferry ' });
    draft.rebase(THEIRS);
    expect(draft.conflicts).toEqual([]);
    expect(draft.isChanged).toBe(false);
  });

  it('gives way to what was typed, or replaces it', () => {
    const draft = edit({ description: 'A ship', place: 'Bergen' });
    draft.rebase(THEIRS);
    draft.keepMine('description');
    expect(draft.conflicts).toEqual(['place']);
    draft.takeTheirs('place');
    expect(draft.conflicts).toEqual([]);
    expect(draft.changes).toEqual({ description: 'A ship' });
  });

  it('may happen twice: a conflict that nobody has decided stays one', () => {
    const draft = edit({ description: 'A ship' });
    draft.rebase(THEIRS);
    draft.rebase({ ...THEIRS, credit: 'Eve', revision: 3 });
    expect(draft.conflicts).toEqual(['description']);
    expect(draft.changedMeanwhile).toEqual(['description', 'credit', 'place']);
    draft.rebase({ ...THEIRS, description: 'A ship', revision: 4 });
    expect(draft.conflicts).toEqual([]);
  });
});
