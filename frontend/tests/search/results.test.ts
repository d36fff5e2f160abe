// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors';
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
  results.noteSignIn();
  await vi.waitFor(() => expect(results.images).toHaveLength(1));
  // What is shown already stays until the next visit of the search page.
  results.noteSignIn();
  expect(load).toHaveBeenCalledTimes(2);
});

describe('an earlier search', () => {
  const search = (q: string) => ({ ...EMPTY_PARAMS, q });

  function createResults() {
    const load = vi.fn<ResultsPorts['load']>(async ({ q, cursor }) => ({
      images: [createImage(`${q ?? ''}${cursor ?? '1'}`)],
      next: cursor === undefined ? '2' : null,
      count: 2,
    }));
    const results = new Results({ load, isPublic: async () => false });
    const getIds = () => results.images.map(({ id }) => id);
    return { results, load, getIds };
  }

  it('is shown as it was to whoever goes back, with all its pages and without a request', async () => {
    const { results, load, getIds } = createResults();
    results.show(search('sea'));
    await vi.waitFor(() => expect(getIds()).toEqual(['sea1']));
    await results.pager.loadMore();
    results.show(search('sun'));
    await vi.waitFor(() => expect(getIds()).toEqual(['sun1']));
    load.mockClear();
    results.show(search('sea'), true);
    expect(getIds()).toEqual(['sea1', 'sea2']);
    expect(results.pager).toMatchObject({ state: { name: 'end' }, count: 2, isStale: false });
    results.show(search('sun'), true);
    expect(getIds()).toEqual(['sun1']);
    expect(load).not.toHaveBeenCalled();
    await results.pager.loadMore();
    expect(getIds()).toEqual(['sun1', 'sun2']);
    expect(load).toHaveBeenCalledExactlyOnceWith(
      { q: 'sun', cursor: '2', sort: 'relevance' },
      expect.anything(),
    );
  });

  it('is searched anew by whoever follows a link to it', async () => {
    const { results, load, getIds } = createResults();
    for (const q of ['sea', 'sun', 'sea']) {
      results.show(search(q));
      await vi.waitFor(() => expect(getIds()).toEqual([`${q}1`]));
    }
    expect(load).toHaveBeenCalledTimes(3);
  });

  it.each(['upload', 'sign-in'])(
    'stays with all its pages for whoever comes back after a %s',
    async (event) => {
      const { results, load, getIds } = createResults();
      results.show(search('sea'));
      await vi.waitFor(() => expect(getIds()).toEqual(['sea1']));
      await results.pager.loadMore();
      if (event === 'upload') results.invalidate();
      if (event === 'sign-in') results.noteSignIn();
      load.mockResolvedValueOnce({ images: [createImage('new'), createImage('sea1')], next: '2' });
      results.show(search('sea'), true);
      expect(getIds()).toEqual(['sea1', 'sea2']);
      await vi.waitFor(() => expect(getIds()).toEqual(['new', 'sea1', 'sea2']));
      load.mockClear();
      results.show(search('sea'), true);
      expect(load).not.toHaveBeenCalled();
    },
  );

  it('that is still shown is asked for again by whoever follows a link to it', async () => {
    const { results, load, getIds } = createResults();
    results.show(search('sea'));
    await vi.waitFor(() => expect(getIds()).toEqual(['sea1']));
    load.mockRejectedValueOnce(new NetworkError('failed'));
    results.show(search('sea'));
    await vi.waitFor(() => expect(results.refresh?.outage).toBeTruthy());
    expect(getIds()).toEqual(['sea1']);
    results.show(search('sun'));
    expect(results.refresh?.outage).toBeNull();
  });

  it('is asked for by the next visit where the script for it could not be loaded', async () => {
    const loadScript = vi.fn(() => Promise.reject(new Error('no network')));
    vi.doMock('../../src/search/refresh.svelte', loadScript);
    vi.resetModules();
    const { Results: FreshResults } = await import('../../src/search/results.svelte');
    const load = vi.fn<ResultsPorts['load']>(async () => ({ images: [createImage('A')], next: null }));
    const results = new FreshResults({ load, isPublic: async () => true });
    results.show(search('sea'));
    await vi.waitFor(() => expect(results.images).toHaveLength(1));
    results.show(search('sea'));
    await vi.waitFor(() => expect(loadScript).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve));
    expect(load).toHaveBeenCalledTimes(1);
    vi.doUnmock('../../src/search/refresh.svelte');
    results.show(search('sea'), true);
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2));
  });

  it('that has not been answered is not kept', async () => {
    const { results, load, getIds } = createResults();
    results.show(search('sea'));
    await vi.waitFor(() => expect(getIds()).toEqual(['sea1']));
    load.mockReturnValueOnce(new Promise(() => undefined));
    results.show(search('sun'));
    results.show(search('sea'), true);
    expect(getIds()).toEqual(['sea1']);
    results.show(search('sun'), true);
    await vi.waitFor(() => expect(getIds()).toEqual(['sun1']));
    expect(load).toHaveBeenCalledTimes(3);
  });

  it.each(['sign-out', 'upload', 'sign-in'])('is forgotten after a %s', async (event) => {
    const { results, load, getIds } = createResults();
    results.show(search('sea'));
    await vi.waitFor(() => expect(getIds()).toEqual(['sea1']));
    results.show(search('sun'));
    await vi.waitFor(() => expect(getIds()).toEqual(['sun1']));
    if (event === 'sign-out') await results.forgetPrivate();
    if (event === 'upload') results.invalidate();
    if (event === 'sign-in') results.noteSignIn();
    load.mockClear();
    results.show(search('sea'), true);
    await vi.waitFor(() => expect(load).toHaveBeenCalledOnce());
    await vi.waitFor(() => expect(getIds()).toEqual(['sea1']));
  });

  it('stays for whoever is offline, though something newer may have come since', async () => {
    const { results, load, getIds } = createResults();
    results.show(search('sea'));
    await vi.waitFor(() => expect(getIds()).toEqual(['sea1']));
    results.noteSignIn();
    const onLine = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    load.mockRejectedValue(new ApiError(400, 'invalid-date', 'There is no such day.'));
    results.show(search('se'));
    await vi.waitFor(() => expect(results.pager.state.name).toBe('error'));
    results.show(search('sea'));
    expect(getIds()).toEqual(['sea1']);
    // Whoever has nothing yet is told that nothing comes.
    const others = new Results({ load, isPublic: async () => false });
    others.show(EMPTY_PARAMS);
    await vi.waitFor(() => expect(others.pager.state.name).toBe('error'));
    onLine.mockRestore();
  });

  it('is forgotten when five others have followed it', async () => {
    const { results, load, getIds } = createResults();
    for (const q of ['1', '2', '3', '4', '5', '6', '7']) {
      results.show(search(q));
      await vi.waitFor(() => expect(getIds()).toEqual([`${q}1`]));
    }
    load.mockClear();
    results.show(search('2'), true);
    expect(load).not.toHaveBeenCalled();
    results.show(search('1'), true);
    await vi.waitFor(() => expect(getIds()).toEqual(['11']));
    expect(load).toHaveBeenCalledOnce();
  });
});
