// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import type { WordCount } from '../../src/api/types';
import { RelatedSearches } from '../../src/search/related-searches.svelte';

function later() {
  let answer: (words: WordCount[]) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<WordCount[]>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return { promise, answer, fail };
}

it('has what is related to one word, and to no other one', async () => {
  const listWords = vi.fn(async () => [{ word: 'gull', count: 7 }]);
  const related = new RelatedSearches({ listWords });
  related.load('bird');
  await vi.waitFor(() => expect(related.list('bird')).toEqual(['gull']));
  expect(related.list('cat')).toEqual([]);
  expect(listWords).toHaveBeenCalledOnce();
  related.load('');
  expect(related.list('bird')).toEqual([]);
  expect(listWords).toHaveBeenCalledOnce();
});

it('forgets an answer that comes after somebody has searched on, and is silent where none comes', async () => {
  const [first, second] = [later(), later()];
  const listWords = vi.fn((_asked: unknown, _limit: number, _signal?: AbortSignal) => first.promise);
  listWords.mockReturnValueOnce(first.promise).mockReturnValueOnce(second.promise);
  const related = new RelatedSearches({ listWords });
  const giveUp = related.load('bird');
  giveUp();
  expect(listWords.mock.calls[0]?.[2]?.aborted).toBe(true);
  related.load('cat');
  first.answer([{ word: 'gull', count: 7 }]);
  second.fail(new TypeError());
  await vi.waitFor(() => expect(listWords).toHaveBeenCalledTimes(2));
  await Promise.allSettled([first.promise, second.promise]);
  expect(related.list('bird')).toEqual([]);
  expect(related.list('cat')).toEqual([]);
});
