import { expect, it } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { EditAnswer, EditRequest } from '../../../src/api/types';
import { groupReversals, ReversalSender } from '../../../src/manage/undo/reversal-sender';
import { createImage } from '../../fixtures';

it('groups by what the pictures get', () => {
  const [first, second] = groupReversals([
    { id: 'a', revision: 1, changes: { set: { credit: 'Eve' } } },
    { id: 'b', revision: 2, changes: { add_tags: ['x'] } },
    { id: 'c', revision: 3, changes: { set: { credit: 'Eve' } } },
  ]);
  expect(first).toEqual({ ids: ['a', 'c'], set: { credit: 'Eve' }, revisions: { a: 1, c: 3 } });
  expect(second).toEqual({ ids: ['b'], add_tags: ['x'], revisions: { b: 2 } });
});

it('waits for all requests on their way before it fails, and sends only the others again', async () => {
  const reversals = ['a', 'b', 'c'].map((id) => ({ id, revision: 1, changes: { set: { credit: id } } }));
  const requests: string[] = [];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let isDown = true;
  const editImages = async ({ ids: [id = ''] }: EditRequest): Promise<EditAnswer[]> => {
    requests.push(id);
    if (id === 'a' && isDown) throw new NetworkError();
    if (id === 'b') await held;
    return [{ id, state: 'edited', image: createImage(id) }];
  };
  const edited: string[] = [];
  const sender = new ReversalSender(reversals, { editImages, listUploadsById: async () => [] }, (images) =>
    edited.push(...images.map(({ id }) => id)),
  );
  let hasFailed = false;
  const first = sender.send(['a', 'b', 'c']).catch(() => (hasFailed = true));
  await new Promise((resolve) => setTimeout(resolve));
  expect(hasFailed).toBe(false);
  release();
  await first;
  expect([hasFailed, edited]).toEqual([true, ['b', 'c']]);
  const error = new NetworkError();
  expect(sender.listLeft({ error, ids: ['a', 'b', 'c', 'd'], unanswered: [] })).toMatchObject({
    ids: ['a', 'd'],
  });
  isDown = false;
  expect((await sender.send(['a', 'b', 'c'])).map(({ id, reason }) => [id, reason])).toEqual([
    ['a', null],
    ['b', null],
    ['c', null],
  ]);
  expect(requests).toEqual(['a', 'b', 'c', 'a']);
});
