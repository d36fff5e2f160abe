/** Words of the library that begin as the words of a query do. */
import type { Client } from '../api/client';
import { listSearchedWords, replaceWord } from './query-words';

export interface Alike {
  word: string;
  /** The query with this word in place of the one that begins alike. */
  query: string;
}

/** Letters below which nearly any word begins alike. */
const MIN_LETTERS = 3;
const MAX_WORDS = 3;
const MAX_ALIKE = 8;

/** Words that share at least half of their letters, from the first one on, with a word of the query: the commonest first. */
export async function findAlike(
  api: Pick<Client, 'listWords'>,
  query: string,
  signal: AbortSignal,
): Promise<Alike[]> {
  const searched = listSearchedWords(query).filter((word) => /^[\p{L}\p{M}\p{N}]+$/u.test(word));
  const long = searched.filter((word) => word.length >= MIN_LETTERS).slice(0, MAX_WORDS);
  const answers = await Promise.all(
    long.map(async (typed) => {
      const prefix = typed.slice(0, Math.max(MIN_LETTERS, Math.ceil(typed.length / 2)));
      const words = await api.listWords({ prefix }, MAX_ALIKE, signal);
      return words.map(({ word, count }) => ({ word, count, query: replaceWord(query, typed, word) }));
    }),
  );
  const offered = new Set(searched);
  return answers
    .flat()
    .sort((one, other) => other.count - one.count)
    .filter(({ word }) => !offered.has(word) && offered.add(word))
    .slice(0, MAX_ALIKE)
    .map(({ word, query: changed }) => ({ word, query: changed }));
}
