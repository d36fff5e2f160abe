/** What is offered while somebody types: words and tags, in one list. */
import type { TagCount, WordCount } from '../api/types';

export interface Suggestion {
  kind: 'word' | 'tag';
  text: string;
  count: number;
}

/** Entries of the list at most, and tags among them that words must leave room for. */
const MOST = 8;
const TAGS = 3;

export function ofTags(tags: readonly TagCount[]): Suggestion[] {
  return tags.map(({ tag, count }) => ({ kind: 'tag', text: tag, count }));
}

/** Words first, for they are what is being typed; the word that is complete already is left out. */
export function mixed(typed: string, words: readonly WordCount[], tags: readonly TagCount[]): Suggestion[] {
  const further = words.filter(({ word }) => word !== typed.toLowerCase());
  const room = MOST - Math.min(TAGS, tags.length);
  const first = further
    .slice(0, room)
    .map(({ word, count }) => ({ kind: 'word' as const, text: word, count }));
  return [...first, ...ofTags(tags.slice(0, MOST - first.length))];
}
