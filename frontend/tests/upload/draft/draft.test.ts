import { expect, it } from 'vitest';
import { Draft } from '../../../src/upload/draft/draft.svelte';
import { watch } from '../../reactive.svelte';

it('has only what was filled in as metadata', () => {
  const draft = new Draft();
  expect(draft.metadata).toEqual({});
  Object.assign(draft, { description: ' At the sea ', tags: ['Sea', 'sea'], credit: ' ' });
  expect(draft.metadata).toEqual({ description: 'At the sea', tags: ['sea'] });
});

it('is reactive', () => {
  const draft = new Draft();
  const licenses = watch(() => draft.metadata.license ?? '');
  draft.license = 'CC0-1.0';
  expect(licenses()).toEqual(['', 'CC0-1.0']);
});

it('starts with what was typed before, and forgets the description after a batch', () => {
  const draft = new Draft({ description: 'At the sea', tags: ['sea'], license: 'CC0-1.0', credit: 'Ann' });
  draft.endBatch();
  expect(draft.metadata).toEqual({ tags: ['sea'], license: 'CC0-1.0', credit: 'Ann' });
});

it('gives the description of the last batch back, until somebody has written another one', () => {
  const draft = new Draft({ description: 'At the sea ' });
  draft.keepsCaptions = false;
  expect(draft.canTakeLast).toBe(false);
  draft.endBatch();
  expect([draft.canTakeLast, draft.keepsCaptions]).toEqual([true, true]);
  draft.description = 'In the hills';
  expect(draft.canTakeLast).toBe(false);
  draft.description = '';
  draft.takeLast();
  expect([draft.description, draft.keepsCaptions, draft.canTakeLast]).toEqual(['At the sea', false, false]);
  // A batch without a description leaves none to take, nor does somebody who signs out.
  draft.endBatch();
  draft.endBatch();
  expect(draft.canTakeLast).toBe(false);
  draft.description = 'At the sea';
  draft.endBatch();
  draft.clear();
  expect(draft.canTakeLast).toBe(false);
});

it('says nothing of the next person’s pictures', () => {
  const draft = new Draft({ description: 'At the sea', tags: ['sea'], license: 'CC0-1.0', credit: 'Ann' });
  draft.clear();
  expect(draft.metadata).toEqual({});
});

it('keeps a tag that is being typed, which goes with the tags', () => {
  const draft = new Draft();
  draft.typedTag = 'Alp';
  expect([draft.isEmpty, draft.metadata]).toEqual([false, {}]);
  // What was typed meanwhile stays.
  draft.fill({ tags: ['sea'] }, false, 'lak');
  expect([draft.tags, draft.typedTag]).toEqual([[], 'Alp']);
  draft.takeTypedTag();
  expect([draft.metadata, draft.typedTag]).toEqual([{ tags: ['alp'] }, '']);
  draft.fill({ tags: ['sea'] }, false, 'al');
  expect([draft.tags, draft.typedTag]).toEqual([['alp'], '']);
  draft.typedTag = 'se';
  draft.clear();
  expect([draft.isEmpty, draft.typedTag]).toEqual([true, '']);
  draft.fill({}, false, 'lak');
  expect(draft.typedTag).toBe('lak');
});
