import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors';
import type { ImagePage, ImageQuery } from '../../src/api/types';
import { Pager } from '../../src/search/pager';
import { image, sleep } from '../upload/library';

type Answer = ImagePage | Error;

function pagerOf(...answers: Answer[]): { pager: Pager; queries: ImageQuery[] } {
  const queries: ImageQuery[] = [];
  const pager = new Pager(
    {
      load: async (query, signal) => {
        queries.push(query);
        await sleep(10, signal);
        const answer = answers.shift();
        if (answer === undefined) throw new Error('asked once too often');
        if (answer instanceof Error) throw answer;
        return answer;
      },
      now: Date.now,
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
    () => {},
  );
  return { pager, queries };
}

const page = (ids: string[], next: string | null = null, relaxed = false): ImagePage => ({
  images: ids.map(image),
  next,
  relaxed,
});
const ids = (pager: Pager): string[] => pager.images.map(({ id }) => id);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Pager', () => {
  it('pages to the end', async () => {
    const { pager, queries } = pagerOf(page(['A', 'B'], 'c1'), page(['B', 'C']));
    void pager.search({ q: 'sea' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.state).toEqual({ name: 'idle', dry: false });
    void pager.more();
    await vi.advanceTimersByTimeAsync(50);
    expect(ids(pager)).toEqual(['A', 'B', 'C']);
    expect(pager.state.name).toBe('end');
    expect(queries).toEqual([{ q: 'sea' }, { q: 'sea', cursor: 'c1' }]);
  });

  it('goes on by itself over empty pages', async () => {
    const { pager, queries } = pagerOf(page([], 'c1'), page([], 'c2'), page(['A'], null, true));
    void pager.search({});
    await vi.advanceTimersByTimeAsync(100);
    expect(ids(pager)).toEqual(['A']);
    expect(pager.relaxed).toBe(true);
    expect(queries.map(({ cursor }) => cursor)).toEqual([undefined, 'c1', 'c2']);
  });

  it('says how a query was read, until the next search', async () => {
    const { pager } = pagerOf(
      page([], 'c1'),
      { ...page(['A'], 'c2'), corrected: 'boat' },
      { ...page(['B']), corrected: 'boat' },
      page(['C']),
    );
    void pager.search({ q: 'baot' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.correction).toEqual({ asked: 'baot', read: 'boat' });
    void pager.more();
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.correction).toEqual({ asked: 'baot', read: 'boat' });
    void pager.search({ q: 'boat' });
    await vi.advanceTimersByTimeAsync(50);
    expect(ids(pager)).toEqual(['C']);
    expect(pager.correction).toBeNull();
  });

  it('asks a person after a long run of empty pages', async () => {
    const { pager, queries } = pagerOf(
      ...Array.from({ length: 12 }, (_, n) => page([], `c${n}`)),
      page(['A']),
    );
    void pager.search({});
    await vi.advanceTimersByTimeAsync(1000);
    expect(pager.state).toEqual({ name: 'idle', dry: true });
    expect(queries).toHaveLength(12);
    void pager.more();
    await vi.advanceTimersByTimeAsync(100);
    expect(ids(pager)).toEqual(['A']);
  });

  it('gives up the old search for a new one', async () => {
    const { pager } = pagerOf(page(['NEW']));
    void pager.search({ q: 'old' });
    void pager.search({ q: 'new' });
    await vi.advanceTimersByTimeAsync(50);
    expect(ids(pager)).toEqual(['NEW']);
  });

  it('waits for a waking database as long as it asks for, then goes on where it was', async () => {
    const waking = new ApiError(503, 'database-unavailable', 'Waking up.', 5);
    const { pager, queries } = pagerOf(page(['A'], 'c1'), waking, page(['B']));
    void pager.search({});
    await vi.advanceTimersByTimeAsync(50);
    void pager.more();
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.state).toMatchObject({ name: 'waiting', waking: true });
    await vi.advanceTimersByTimeAsync(4900);
    expect(queries).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(ids(pager)).toEqual(['A', 'B']);
  });

  it('stops after repeated failures, and a retry continues', async () => {
    const { pager, queries } = pagerOf(
      ...Array.from({ length: 7 }, () => new NetworkError('down')),
      page(['A']),
    );
    void pager.search({});
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pager.state.name).toBe('error');
    expect(queries).toHaveLength(7);
    void pager.retry();
    await vi.advanceTimersByTimeAsync(50);
    expect(ids(pager)).toEqual(['A']);
  });

  it('names what is wrong with a query, at once', async () => {
    const { pager } = pagerOf(new ApiError(400, 'query-too-long', 'Shorten it.'));
    void pager.search({ q: 'x' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.state).toMatchObject({ name: 'error', detail: 'Shorten it.', status: 400 });
  });
});
