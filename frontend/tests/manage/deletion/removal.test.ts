// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { announcer } from '../../../src/app/announcer.svelte';
import type { Batch } from '../../../src/manage/batch/batch.svelte';
import { describeDeletion, Removal } from '../../../src/manage/deletion/removal.svelte';

const NAMES = new Map([
  ['a', 'a.jpg'],
  ['b', 'b.jpg'],
]);

/** How many pictures Control+Z brings back. */
let offered: number;
let outcomes: Record<string, { reason: string | null; isUnchanged?: boolean }>;
let removal: Removal;

beforeEach(() => {
  outcomes = {};
  offered = 1;
  const run = async (batch: Batch) => {
    await batch.run(async (ids) => ids.map((id) => ({ id, reason: null, ...outcomes[id] })));
    return batch.failures;
  };
  removal = new Removal({ delete: run, restore: run } as never, () => offered);
  vi.restoreAllMocks();
});

it('tells those that had already gone from those that it has deleted', async () => {
  const announce = vi.spyOn(announcer, 'announce').mockReturnValue();
  outcomes = { b: { reason: null, isUnchanged: true } };
  expect(await removal.delete(['a', 'b'], NAMES)).toEqual(['a', 'b']);
  expect(announce).toHaveBeenCalledExactlyOnceWith(
    '1 picture deleted. Control Z undoes it. 1 picture had already gone.',
  );
  expect(removal.failed).toEqual([]);
});

it.each(['delete', 'restore'] as const)('keeps why a picture was not changed: %s', async (action) => {
  outcomes = { b: { reason: 'No.' } };
  await removal[action](['a', 'b'], NAMES);
  expect(removal.failed).toMatchObject([{ failures: [{ id: 'b', reason: 'No.' }], names: NAMES }]);
  outcomes = {};
  await removal[action](['a'], NAMES);
  expect(removal.failed).toEqual([]);
});

it.each([
  [2, 0, 2, '2 pictures deleted. Control Z undoes it.'],
  [0, 1, 0, '1 picture had already gone.'],
  [150, 0, 50, '150 pictures deleted. Control Z brings 50 of them back.'],
  [2, 1, 0, '2 pictures deleted. 1 picture had already gone.'],
])('says of %i and %i, of which %i can be undone: %s', (deleted, gone, undoable, text) => {
  expect(describeDeletion(deleted, gone, undoable)).toBe(text);
});

it('promises to undo only what is offered', async () => {
  const announce = vi.spyOn(announcer, 'announce').mockReturnValue();
  offered = 0;
  await removal.delete(['a', 'b'], NAMES);
  expect(announce).toHaveBeenCalledExactlyOnceWith('2 pictures deleted.');
});

describe('deletions at once', () => {
  let answers: (() => void)[];
  let batches: Batch[];

  beforeEach(() => {
    answers = [];
    batches = [];
    const run = async (batch: Batch) => {
      batches.push(batch);
      await batch.run(async (ids) => {
        await new Promise<void>((resolve) => answers.push(resolve));
        return ids.map((id) => ({ id, reason: null, ...outcomes[id] }));
      });
      return batch.failures;
    };
    removal = new Removal({ delete: run, restore: run } as never, () => 0);
  });

  async function answer(): Promise<void> {
    answers.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
  }

  it('are carried out one after another, and none of them twice', async () => {
    outcomes = { a: { reason: 'No.' }, b: { reason: 'No.' } };
    const first = removal.delete(['a'], NAMES);
    const second = removal.delete(['a', 'b', 'c'], NAMES);
    expect([...removal.busy]).toEqual(['a', 'b', 'c']);
    await answer();
    await answer();
    expect(await first).toEqual([]);
    expect([batches.length, removal.isRunning, [...removal.busy]]).toEqual([2, true, ['b', 'c']]);
    await answer();
    expect(await second).toEqual(['c']);
    expect([removal.isRunning, removal.count]).toEqual([false, 1]);
    expect(removal.failed[0]?.failures.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('say no more why a picture was not deleted once that is tried again', async () => {
    outcomes = { a: { reason: 'No.' }, b: { reason: 'No.' } };
    const first = removal.delete(['a', 'b'], NAMES);
    const second = removal.delete(['c'], NAMES);
    await answer();
    await answer();
    await first;
    outcomes = { a: { reason: 'Still not.' } };
    const again = removal.delete(['a', 'b'], NAMES);
    expect(removal.failed).toEqual([]);
    await answer();
    await answer();
    await answer();
    await Promise.all([second, again]);
    expect(removal.failed.flatMap(({ failures }) => failures)).toEqual([{ id: 'a', reason: 'Still not.' }]);
  });

  it('are told of beside a restoration that fails meanwhile', async () => {
    outcomes = { a: { reason: 'No.' }, b: { reason: 'Gone.' } };
    const deletion = removal.delete(['a'], NAMES);
    const restoration = removal.restore(['b'], NAMES);
    await answer();
    await answer();
    await Promise.all([deletion, restoration]);
    expect(removal.failed.map(({ verb, failures }) => [verb, failures])).toEqual([
      ['restored', [{ id: 'b', reason: 'Gone.' }]],
      ['deleted', [{ id: 'a', reason: 'No.' }]],
    ]);
  });

  it('are stopped together', async () => {
    const first = removal.delete(['a'], NAMES);
    const second = removal.delete(['b'], NAMES);
    await answer();
    expect(removal.isStopped).toBe(false);
    removal.stop();
    expect([removal.isStopped, removal.isRunning]).toEqual([true, true]);
    await answer();
    expect([await first, await second]).toEqual([['a'], []]);
    expect(removal.failed[0]?.failures).toEqual([{ id: 'b', reason: 'Stopped before it was sent.' }]);
  });

  it('end with the sign-in of whoever wanted them, and tell nothing to the next person', async () => {
    const announce = vi.spyOn(announcer, 'announce').mockReturnValue();
    outcomes = { a: { reason: 'No.' } };
    const all = [removal.delete(['a'], NAMES), removal.delete(['b'], NAMES)];
    await answer();
    removal.forget();
    expect([removal.isRunning, removal.busy.size]).toEqual([false, 0]);
    await answer();
    expect(await Promise.all(all)).toEqual([[], []]);
    expect([answers.length, removal.failed, announce.mock.calls.length]).toEqual([0, [], 0]);
  });
});
