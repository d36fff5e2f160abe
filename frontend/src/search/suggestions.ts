/** What a combobox offers while somebody types: words and tags, in one list. */
import type { TagCount, WordCount } from '../api/types';

export interface Suggestion {
  kind: 'word' | 'tag';
  text: string;
  /** Pictures that have the word or tag. */
  count: number;
}

/** Fetches the suggestions for what somebody has typed. */
export type Lookup = (signal: AbortSignal) => Promise<readonly Suggestion[]>;

export const MAX_SUGGESTIONS = 8;

/** Places that words leave to tags, as far as there are tags. */
const TAG_PLACES = 3;

export function suggestTags(tags: readonly TagCount[]): Suggestion[] {
  return tags.map(({ tag, count }) => ({ kind: 'tag', text: tag, count }));
}

/** Words first, then tags. A word that is typed out already is left out. */
export function mergeSuggestions(
  typed: string,
  words: readonly WordCount[],
  tags: readonly TagCount[],
): Suggestion[] {
  const wordPlaces = MAX_SUGGESTIONS - Math.min(TAG_PLACES, tags.length);
  const suggestedWords = words
    .filter(({ word }) => word !== typed.toLowerCase())
    .slice(0, wordPlaces)
    .map(({ word, count }): Suggestion => ({ kind: 'word', text: word, count }));
  return [...suggestedWords, ...suggestTags(tags.slice(0, MAX_SUGGESTIONS - suggestedWords.length))];
}
