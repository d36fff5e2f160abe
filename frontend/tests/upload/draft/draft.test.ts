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

it('says nothing of the next person’s pictures', () => {
  const draft = new Draft({ description: 'At the sea', tags: ['sea'], license: 'CC0-1.0', credit: 'Ann' });
  draft.clear();
  expect(draft.metadata).toEqual({});
});
