// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from 'vitest';
import { announcer } from '../../../src/app/announcer.svelte';
import type { Batch } from '../../../src/manage/batch/batch.svelte';
import { describeDeletion, Removal } from '../../../src/manage/deletion/removal.svelte';

const NAMES = new Map([
  ['a', 'a.jpg'],
  ['b', 'b.jpg'],
]);

let outcomes: Record<string, { reason: string | null; isUnchanged?: boolean }>;
let removal: Removal;

beforeEach(() => {
  outcomes = {};
  const run = async (batch: Batch) => {
    await batch.run(async (ids) => ids.map((id) => ({ id, reason: null, ...outcomes[id] })));
    return batch.failures;
  };
  removal = new Removal({ delete: run, restore: run } as never);
  vi.restoreAllMocks();
});

it('tells those that had already gone from those that it has deleted', async () => {
  const announce = vi.spyOn(announcer, 'announce').mockReturnValue();
  outcomes = { b: { reason: null, isUnchanged: true } };
  expect(await removal.delete(['a', 'b'], NAMES)).toEqual(['a', 'b']);
  expect(announce).toHaveBeenCalledExactlyOnceWith(
    '1 picture deleted. Control Z undoes it. 1 picture had already gone.',
  );
  expect(removal.failed).toBeNull();
});

it.each(['delete', 'restore'] as const)('keeps why a picture was not changed: %s', async (action) => {
  outcomes = { b: { reason: 'No.' } };
  await removal[action](['a', 'b'], NAMES);
  expect(removal.failed).toMatchObject({ failures: [{ id: 'b', reason: 'No.' }], names: NAMES });
  outcomes = {};
  await removal[action](['a'], NAMES);
  expect(removal.failed).toBeNull();
});

it.each([
  [2, 0, '2 pictures deleted. Control Z undoes it.'],
  [0, 1, '1 picture had already gone.'],
])('says of %i and %i: %s', (deleted, gone, text) => {
  expect(describeDeletion(deleted, gone)).toBe(text);
});
