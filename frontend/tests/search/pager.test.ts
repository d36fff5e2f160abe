import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors';
import type { ImagePage, ImageQuery } from '../../src/api/types';
import { localClock } from '../../src/app/clock';
import { describeError } from '../../src/app/messages';
import { Pager } from '../../src/search/pager.svelte';
import { createImage, sleep } from '../fixtures';
import { watch } from '../reactive.svelte';

type Answer = ImagePage | Error;

function createPager(...answers: Answer[]): { pager: Pager; queries: ImageQuery[] } {
  const queries: ImageQuery[] = [];
  const pager = new Pager({
    load: async (query, signal) => {
      queries.push(query);
      await sleep(10, signal);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('There was one request too many.');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    clock: localClock,
  });
  return { pager, queries };
}

const createPage = (ids: string[], next: string | null = null, relaxed = false): ImagePage => ({
  images: ids.map(createImage),
  next,
  relaxed,
});
const listIds = (pager: Pager): string[] => pager.images.map(({ id }) => id);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Pager', () => {
  it('loads page after page to the end', async () => {
    const { pager, queries } = createPager(createPage(['A', 'B'], 'c1'), createPage(['B', 'C']));
    void pager.search({ q: 'sea' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.state).toEqual({ name: 'idle', isAfterEmptyPages: false });
    void pager.loadMore();
    await vi.advanceTimersByTimeAsync(50);
    expect(listIds(pager)).toEqual(['A', 'B', 'C']);
    expect(pager.state.name).toBe('end');
    expect(queries).toEqual([{ q: 'sea' }, { q: 'sea', cursor: 'c1' }]);
  });

  it('loads nothing before the first search', async () => {
    const { pager, queries } = createPager();
    await pager.loadMore();
    expect(queries).toEqual([]);
  });

  it('keeps how many pictures match, until the next search', async () => {
    const { pager } = createPager(
      { ...createPage(['A'], 'c1'), count: 7 },
      createPage(['B']),
      createPage(['C']),
    );
    void pager.search({ q: 'sea' });
    await vi.advanceTimersByTimeAsync(50);
    void pager.loadMore();
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.count).toBe(7);
    void pager.search({ q: 'lake' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.count).toBeNull();
  });

  it('goes on by itself after empty pages', async () => {
    const { pager, queries } = createPager(
      createPage([], 'c1'),
      createPage([], 'c2'),
      createPage(['A'], null, true),
    );
    void pager.search({});
    await vi.advanceTimersByTimeAsync(100);
    expect(listIds(pager)).toEqual(['A']);
    expect(pager.reading).toMatchObject({ relaxed: true });
    expect(queries.map(({ cursor }) => cursor)).toEqual([undefined, 'c1', 'c2']);
  });

  it('says how the API has corrected a query, until the next search', async () => {
    const { pager } = createPager(
      createPage([], 'c1'),
      { ...createPage(['A'], 'c2'), corrected: 'boat' },
      { ...createPage(['B']), corrected: 'boat' },
      createPage(['C']),
    );
    void pager.search({ q: 'baot' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.reading).toMatchObject({ query: 'baot', corrected: 'boat' });
    void pager.loadMore();
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.reading).toMatchObject({ query: 'baot', corrected: 'boat' });
    void pager.search({ q: 'boat' });
    await vi.advanceTimersByTimeAsync(50);
    expect(listIds(pager)).toEqual(['C']);
    expect(pager.reading).toBeNull();
  });

  it('says which words were taken for others, also when the search is shown again', async () => {
    const related = { animal: ['bird', 'dog'] };
    const { pager } = createPager(
      { images: [], next: 'c1', related },
      { images: [createImage('A')], next: 'c2', related, relaxed: true, corrected: 'animal boat' },
      { images: [createImage('B')], next: null },
      createPage(['C']),
    );
    void pager.search({ q: 'animal baot' });
    await vi.advanceTimersByTimeAsync(50);
    void pager.loadMore();
    await vi.advanceTimersByTimeAsync(50);
    const reading = { query: 'animal baot', corrected: 'animal boat', related, relaxed: true };
    expect(pager.reading).toMatchObject(reading);
    const snapshot = pager.takeSnapshot();
    void pager.search({ q: 'boat' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.reading).toBeNull();
    if (snapshot !== null) pager.restore(snapshot);
    expect(pager.reading).toMatchObject(reading);
  });

  it('stops after many empty pages in a row', async () => {
    const { pager, queries } = createPager(
      ...Array.from({ length: 12 }, (_, n) => createPage([], `c${n}`)),
      createPage(['A']),
    );
    void pager.search({});
    await vi.advanceTimersByTimeAsync(1000);
    expect(pager.state).toEqual({ name: 'idle', isAfterEmptyPages: true });
    expect(queries).toHaveLength(12);
    void pager.loadMore();
    await vi.advanceTimersByTimeAsync(100);
    expect(listIds(pager)).toEqual(['A']);
  });

  it('gives up the old search for a new one', async () => {
    const { pager } = createPager(createPage(['NEW']));
    void pager.search({ q: 'old' });
    void pager.search({ q: 'new' });
    await vi.advanceTimersByTimeAsync(50);
    expect(listIds(pager)).toEqual(['NEW']);
  });

  it('waits for a waking database as long as it asks for, then goes on where it was', async () => {
    const waking = new ApiError(503, 'database-waking', 'Waking up.', 5);
    const { pager, queries } = createPager(createPage(['A'], 'c1'), waking, createPage(['B']));
    void pager.search({});
    await vi.advanceTimersByTimeAsync(50);
    void pager.loadMore();
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.state).toMatchObject({ name: 'waiting', detail: describeError(waking) });
    await vi.advanceTimersByTimeAsync(4900);
    expect(queries).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(listIds(pager)).toEqual(['A', 'B']);
  });

  it('says that storage is missing when storage is, and waits for a turn when it was too fast', async () => {
    for (const [status, code] of [
      [503, 'storage-unavailable'],
      [429, 'too-many-requests'],
    ] as const) {
      const { pager } = createPager(new ApiError(status, code, `This is ${code}.`, 2), createPage(['A']));
      void pager.search({});
      await vi.advanceTimersByTimeAsync(50);
      expect(pager.state).toMatchObject({ name: 'waiting', detail: `This is ${code}.` });
      await vi.advanceTimersByTimeAsync(2000);
      expect(listIds(pager)).toEqual(['A']);
    }
  });

  it('stops after repeated failures, and a retry continues', async () => {
    const { pager, queries } = createPager(
      ...Array.from({ length: 7 }, () => new NetworkError('down')),
      createPage(['A']),
    );
    void pager.search({});
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pager.state.name).toBe('error');
    expect(queries).toHaveLength(7);
    void pager.retry();
    await vi.advanceTimersByTimeAsync(50);
    expect(listIds(pager)).toEqual(['A']);
  });

  it('shows no pictures of an earlier search while a failed one waits', async () => {
    const { pager } = createPager(
      { ...createPage(['OLD'], 'c1', true), corrected: 'old' },
      new NetworkError('down'),
      createPage(['NEW']),
    );
    void pager.search({ q: 'odl' });
    await vi.advanceTimersByTimeAsync(50);
    void pager.search({ q: 'new' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.state.name).toBe('waiting');
    expect(listIds(pager)).toEqual([]);
    expect(pager.reading).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    expect(listIds(pager)).toEqual(['NEW']);
  });

  it('knows that its pictures are not of the search that it waits for', async () => {
    const { pager } = createPager(createPage(['OLD']), createPage(['NEW'], 'c1'));
    void pager.search({ q: 'old' });
    expect(pager.isStale).toBe(false);
    await vi.advanceTimersByTimeAsync(50);
    void pager.search({ q: 'new' });
    expect([listIds(pager), pager.isStale]).toEqual([['OLD'], true]);
    await vi.advanceTimersByTimeAsync(50);
    expect([listIds(pager), pager.isStale]).toEqual([['NEW'], false]);
    void pager.loadMore();
    expect(pager.isStale).toBe(false);
  });

  it('repeats at once, when the connection is back, what no answer came to, and nothing else', async () => {
    const { pager, queries } = createPager(
      ...Array.from({ length: 7 }, () => new NetworkError('down')),
      new ApiError(400, 'query-too-long', 'Shorten it.'),
    );
    void pager.search({ q: 'x' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pager.state).toMatchObject({ name: 'error', status: 0 });
    void pager.reconnect();
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.state).toMatchObject({ name: 'error', status: 400 });
    void pager.reconnect();
    await vi.advanceTimersByTimeAsync(50);
    expect(queries).toHaveLength(8);
  });

  it('says at once what is wrong with a query', async () => {
    const { pager } = createPager(new ApiError(400, 'query-too-long', 'Shorten it.'));
    void pager.search({ q: 'x' });
    await vi.advanceTimersByTimeAsync(50);
    expect(pager.state).toMatchObject({ name: 'error', detail: 'Shorten it.', status: 400 });
  });

  it('is reactive', async () => {
    const { pager } = createPager(createPage(['A'], 'c1'), createPage(['B']));
    const texts = watch(() => `${pager.state.name} ${listIds(pager).join('')}`);
    void pager.search({});
    await vi.advanceTimersByTimeAsync(50);
    void pager.loadMore();
    await vi.advanceTimersByTimeAsync(50);
    expect(texts()).toEqual(['idle ', 'loading ', 'idle A', 'loading A', 'end AB']);
  });
});
