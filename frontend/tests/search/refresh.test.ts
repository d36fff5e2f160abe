import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors';
import type { ImagePage, ImageQuery } from '../../src/api/types';
import { localClock } from '../../src/app/clock';
import { Pager } from '../../src/search/pager.svelte';
import { Refresh } from '../../src/search/refresh.svelte';
import { createImage } from '../fixtures';

const createPage = (ids: string, next: string | null = null): ImagePage => ({
  images: [...ids].map(createImage),
  next,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A search that has found the pictures A to F on three pages, of which two are loaded. */
async function createRefresh() {
  const load = vi.fn<(query: ImageQuery, signal: AbortSignal) => Promise<ImagePage>>();
  const pager = new Pager({ load, clock: localClock });
  load.mockResolvedValueOnce(createPage('AB', 'c1')).mockResolvedValueOnce(createPage('CD', 'c2'));
  await pager.search({ q: 'sea' });
  await pager.loadMore();
  const repeat = vi.fn();
  const refresh = new Refresh(pager, load, localClock, repeat);
  return { load, pager, refresh, repeat, getIds: () => pager.images.map(({ id }) => id).join('') };
}

describe('a first page that comes again', () => {
  it.each([
    ['changes nothing where nothing is new', createPage('AB', 'c1'), 'ABCD'],
    ['brings what is new', createPage('NAB', 'c1'), 'NABCD'],
    ['brings what is new, and moves the rest to later pages', createPage('NA', 'c1'), 'NABCD'],
    ['takes out what is gone', createPage('BC', 'c1'), 'BCD'],
    ['is all that there is where it is the last one', createPage('A'), 'A'],
    ['takes the place of pictures of which it has none', createPage('XY', 'c9'), 'XY'],
    ['without a picture leaves it to the others', createPage('', 'c9'), 'ABCD'],
  ])('%s', async (_, page, ids) => {
    const { load, refresh, getIds } = await createRefresh();
    load.mockResolvedValueOnce(page);
    await refresh.start();
    expect(load).toHaveBeenLastCalledWith({ q: 'sea' }, expect.anything());
    expect(getIds()).toBe(ids);
    expect(refresh.outage).toBeNull();
  });

  it('lets the pages go on where they were', async () => {
    const { load, pager, refresh, getIds } = await createRefresh();
    load.mockResolvedValueOnce(createPage('NA', 'c1')).mockResolvedValueOnce(createPage('EF'));
    await refresh.start();
    await pager.loadMore();
    expect(load).toHaveBeenLastCalledWith({ q: 'sea', cursor: 'c2' }, expect.anything());
    expect(getIds()).toBe('NABCDEF');
  });

  it('is not asked for while nobody sees the page', async () => {
    const { load, refresh } = await createRefresh();
    load.mockRejectedValue(new NetworkError());
    vi.stubGlobal('document', { hidden: true });
    await refresh.start();
    const asked = load.mock.calls.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(load).toHaveBeenCalledTimes(asked);
    vi.stubGlobal('document', { hidden: false });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(load.mock.calls.length).toBeGreaterThan(asked);
    vi.unstubAllGlobals();
  });

  it('says how it is read, which may be otherwise than before', async () => {
    const { load, pager, refresh } = await createRefresh();
    load.mockResolvedValueOnce({ ...createPage('AB', 'c1'), related: { sea: ['ocean'] } });
    await refresh.start();
    expect(pager.reading).toMatchObject({ query: 'sea', related: { sea: ['ocean'] } });
    load.mockResolvedValueOnce(createPage('X'));
    await refresh.start();
    expect(pager.reading).toBeNull();
  });
});

describe('while no answer comes', () => {
  it('says so, keeps the pictures, and asks again at growing intervals', async () => {
    const { load, refresh, getIds } = await createRefresh();
    load.mockRejectedValue(new NetworkError('failed'));
    await refresh.start();
    expect(refresh.outage?.detail).toContain('cannot be reached');
    expect(refresh.outage?.retryAt).toBe(Date.now() + 1000);
    expect(getIds()).toBe('ABCD');
    await vi.advanceTimersByTimeAsync(1000);
    expect(refresh.outage?.retryAt).toBe(Date.now() + 2000);
    load.mockResolvedValue(createPage('NAB', 'c1'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(refresh.outage).toBeNull();
    expect(getIds()).toBe('NABCD');
  });

  it('asks at once when the connection is back', async () => {
    const { load, refresh, getIds } = await createRefresh();
    await refresh.reconnect();
    expect(load).toHaveBeenCalledTimes(2);
    load.mockRejectedValueOnce(new NetworkError('failed')).mockResolvedValueOnce(createPage('N', 'c1'));
    await refresh.start();
    await refresh.reconnect();
    expect(refresh.outage).toBeNull();
    expect(getIds()).toBe('N');
  });

  it('gives up for another search', async () => {
    const { load, pager, refresh, getIds } = await createRefresh();
    load.mockRejectedValueOnce(new NetworkError('failed'));
    await refresh.start();
    refresh.end();
    load.mockResolvedValueOnce(createPage('XY'));
    await pager.search({ q: 'sun' });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(load).toHaveBeenCalledTimes(4);
    expect(refresh.outage).toBeNull();
    expect(getIds()).toBe('XY');
  });
});

it('leaves a refusal to the search itself', async () => {
  const { load, refresh, repeat } = await createRefresh();
  load.mockRejectedValueOnce(new ApiError(401, 'token-missing', 'Sign in.'));
  await refresh.start();
  expect(repeat).toHaveBeenCalledOnce();
  expect(refresh.outage).toBeNull();
});

it('repeats a search that has failed', async () => {
  const load = vi.fn<(query: ImageQuery) => Promise<ImagePage>>();
  load.mockRejectedValueOnce(new NetworkError('failed')).mockResolvedValueOnce(createPage('A'));
  const pager = new Pager({ load, clock: localClock });
  await pager.search({});
  await new Refresh(pager, load, localClock, () => undefined).start();
  expect(pager.images).toHaveLength(1);
});
