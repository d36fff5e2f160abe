// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { EMPTY_PARAMS } from '../../src/search/params';
import { results } from '../../src/search/results.svelte';
import { createImage } from '../fixtures';

const library = vi.hoisted(() => ({ visibility: 'private', searchImages: vi.fn() }));

vi.mock('../../src/app/api', () => ({
  api: { searchImages: library.searchImages },
  getConfig: async () => ({ visibility: library.visibility }),
}));

it('leaves nothing of a private library to whoever comes after a sign-out', async () => {
  await results.forgetPrivate();
  expect(library.searchImages).not.toHaveBeenCalled();

  library.searchImages.mockResolvedValueOnce({ images: [createImage('A')], next: null });
  results.show(EMPTY_PARAMS);
  await vi.waitFor(() => expect(results.images).toHaveLength(1));

  library.visibility = 'public';
  await results.forgetPrivate();
  expect(library.searchImages).toHaveBeenCalledTimes(1);

  library.visibility = 'private';
  library.searchImages.mockRejectedValueOnce(new ApiError(401, 'token-missing', 'Sign in.'));
  await results.forgetPrivate();
  await vi.waitFor(() => expect(results.images).toEqual([]));
});
