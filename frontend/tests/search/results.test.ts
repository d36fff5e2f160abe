// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { api } from '../../src/app/api';
import { latestUpload } from '../../src/search/page-query';
import { EMPTY_PARAMS } from '../../src/search/params';
import { results as theResults, Results, type ResultsPorts } from '../../src/search/results.svelte';
import { createImage } from '../fixtures';

it('leaves nothing of a private library to whoever comes after a sign-out', async () => {
  let isPublic = true;
  const load = vi.fn<ResultsPorts['load']>();
  const results = new Results({ load, isPublic: async () => isPublic });
  await results.forgetPrivate();
  expect(load).not.toHaveBeenCalled();

  load.mockResolvedValueOnce({ images: [createImage('A')], next: null });
  results.show(EMPTY_PARAMS);
  await vi.waitFor(() => expect(results.images).toHaveLength(1));
  await results.forgetPrivate();
  expect(load).toHaveBeenCalledTimes(1);

  isPublic = false;
  let refuse: (reason: Error) => void = () => undefined;
  load.mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)));
  await results.forgetPrivate();
  // They are gone before there is an answer.
  expect(results.images).toEqual([]);
  refuse(new ApiError(401, 'token-missing', 'Sign in.'));
  await vi.waitFor(() => expect(results.pager.state).toMatchObject({ name: 'error', status: 401 }));
  expect(results.images).toEqual([]);
});

it('searches as ever after the latest upload has been deleted', async () => {
  const search = vi.spyOn(api, 'searchImages').mockImplementation(async ({ since }) => {
    if (since !== undefined) throw new ApiError(400, 'invalid-id', 'There is no picture with this id.');
    return { images: [createImage('B')], next: null };
  });
  latestUpload.record('A');
  theResults.show(EMPTY_PARAMS);
  await vi.waitFor(() => expect(theResults.images.map(({ id }) => id)).toEqual(['B']));
  expect(search).toHaveBeenCalledTimes(2);
  expect(latestUpload.query).toEqual({});

  search.mockClear();
  search.mockRejectedValue(new ApiError(400, 'invalid-date', 'Another parameter is wrong.'));
  theResults.repeat();
  await vi.waitFor(() => expect(theResults.pager.state).toMatchObject({ name: 'error', status: 400 }));
  expect(search).toHaveBeenCalledTimes(1);
  search.mockRestore();
});

it('shows a private library to whoever signs in by a link while it is refused', async () => {
  const load = vi.fn<ResultsPorts['load']>();
  load.mockRejectedValueOnce(new ApiError(401, 'token-missing', 'Sign in.'));
  const results = new Results({ load, isPublic: async () => false });
  results.show(EMPTY_PARAMS);
  await vi.waitFor(() => expect(results.pager.state).toMatchObject({ name: 'error', status: 401 }));
  load.mockResolvedValueOnce({ images: [createImage('A')], next: null });
  results.invite();
  await vi.waitFor(() => expect(results.images).toHaveLength(1));
  // What is shown already stays until the next visit of the search page.
  results.invite();
  expect(load).toHaveBeenCalledTimes(2);
});
