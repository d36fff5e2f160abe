/** What the search box offers for the tag or the word at its caret. Loaded when the box gets the focus. */
import type { Client } from '../api/client';
import { findTag, findWord } from './completion';
import { MAX_SUGGESTIONS, mergeSuggestions, suggestTags, type Lookup } from './suggestions';

export { completeToken, findTag, findWord, removeToken } from './completion';

/** Null where there is nothing to look up. */
export function suggest(api: Client, typed: string, caret: number): Lookup | null {
  const tag = findTag(typed, caret);
  if (tag !== null) {
    return async (signal) => suggestTags(await api.listTags(tag.prefix, MAX_SUGGESTIONS, signal));
  }
  const word = findWord(typed, caret);
  if (word === null) return null;
  return async (signal) => {
    const [words, tags, contributors] = await Promise.all([
      api.listWords({ prefix: word.prefix }, MAX_SUGGESTIONS, signal),
      api.listTags(word.prefix, MAX_SUGGESTIONS, signal),
      api.listContributors(word.prefix, MAX_SUGGESTIONS, signal),
    ]);
    return mergeSuggestions(word.prefix, words, tags, contributors);
  };
}
