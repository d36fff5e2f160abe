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

it('saves all that is not saved yet, and forgets a caption that has left the list', async () => {
  const refused = await write('refused', new ApiError(400, 'invalid-description', 'Too long.'));
  await captions.saveAll();
  expect(refused.state.name).toBe('saved');
  const remove = captions.add(await write('other', new NetworkError()));
  remove();
  expect([captions.unsaved, captions.waiting]).toEqual([[], []]);
});
