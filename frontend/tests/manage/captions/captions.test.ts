import { beforeEach, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { Caption } from '../../../src/manage/captions/caption.svelte';
import { Captions } from '../../../src/manage/captions/captions.svelte';
import { createImage } from '../../fixtures';

const editImage = vi.fn();
let captions: Captions;

beforeEach(() => {
  captions = new Captions();
  editImage.mockReset();
});

async function write(id: string, error: Error | null): Promise<Caption> {
  const image = createImage(id);
  if (error !== null) editImage.mockRejectedValueOnce(error);
  const caption = new Caption(image, { editImage, getCurrentImage: vi.fn() }, () => undefined);
  captions.add(caption);
  caption.text = `Of ${id}`;
  await caption.save();
  editImage.mockImplementation((other: string, changes: object) => ({
    ...createImage(other),
    ...changes,
    revision: 2,
  }));
  return caption;
}

it('sends again what failed for a passing reason, and nothing else', async () => {
  const offline = await write('offline', new NetworkError());
  const refused = await write('refused', new ApiError(400, 'invalid-description', 'Too long.'));
  expect(captions.waiting).toEqual([offline]);
  expect(captions.unsaved).toEqual([offline, refused]);
  editImage.mockClear();
  await captions.sendAgain();
  expect(editImage.mock.calls.map(([id]) => id as string)).toEqual(['offline']);
  expect(offline.state.name).toBe('saved');
  expect(captions.unsaved).toEqual([refused]);
});

it('saves all that is not saved yet, also of rows that have gone, as while the list is loaded anew', async () => {
  const refused = await write('refused', new ApiError(400, 'invalid-description', 'Too long.'));
  await captions.saveAll();
  expect(refused.state.name).toBe('saved');
  const other = await write('other', new NetworkError());
  captions.add(other)(false);
  captions.add(refused)(false);
  expect([captions.find('other'), captions.find('refused')]).toEqual([other, undefined]);
  expect(captions.waiting).toEqual([other]);
  await captions.saveAll();
  expect([captions.unsaved, other.state.name]).toEqual([[], 'saved']);
});

it('forgets the caption of a picture that is deleted', async () => {
  captions.add(await write('other', new NetworkError()))(true);
  expect([captions.unsaved, captions.find('other')]).toEqual([[], undefined]);
});

it('saves nothing any more that was discarded', async () => {
  const other = await write('other', new NetworkError());
  captions.discard();
  expect([captions.unsaved, captions.waiting, other.text]).toEqual([[], [], '']);
});
