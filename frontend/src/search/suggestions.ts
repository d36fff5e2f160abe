/** What a combobox offers while somebody types: words, tags and contributors, in one list. */
import type { Contributor, TagCount, WordCount } from '../api/types';

export interface Suggestion {
  kind: 'word' | 'tag' | 'contributor';
  text: string;
  /** Pictures that have the word or tag, or that the contributor has. */
  count: number;
  /** The contributor's id, as several may have one name. */
  id?: string;
}

/** Fetches the suggestions for what somebody has typed. */
export type Lookup = (signal: AbortSignal) => Promise<readonly Suggestion[]>;

export const MAX_SUGGESTIONS = 8;

/** Places that words leave to tags, as far as there are tags. */
const TAG_PLACES = 3;
/** Places that both leave to contributors. */
const CONTRIBUTOR_PLACES = 2;

export function suggestTags(tags: readonly TagCount[]): Suggestion[] {
  return tags.map(({ tag, count }) => ({ kind: 'tag', text: tag, count }));
}

/** Words first, then tags, then contributors. A word that is typed out already is left out. */
export function mergeSuggestions(
  typed: string,
  words: readonly WordCount[],
  tags: readonly TagCount[],
  contributors: readonly Contributor[] = [],
): Suggestion[] {
  const people = contributors
    .slice(0, CONTRIBUTOR_PLACES)
    .map(({ id, name, count }): Suggestion => ({ kind: 'contributor', text: name, count, id }));
  const places = MAX_SUGGESTIONS - people.length;
  const suggestedWords = words
    .filter(({ word }) => word !== typed.toLowerCase())
    .slice(0, places - Math.min(TAG_PLACES, tags.length))
    .map(({ word, count }): Suggestion => ({ kind: 'word', text: word, count }));
  return [...suggestedWords, ...suggestTags(tags.slice(0, places - suggestedWords.length)), ...people];
}
