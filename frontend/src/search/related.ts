/** Words that are related to a word of a query: the same in meaning, its kinds, what pictures of it show, or wider words. */
import type { Client } from '../api/client';
import { language } from '../app/texts';
import type { Reading } from './pager.svelte';
import { EMPTY_PARAMS, isSameSearch } from './params';
import { spellAsTyped } from './query-words';
import type { SearchParams } from './search-params';

/** Searches that are offered. */
const MAX_SEARCHES = 8;
/** Words that a sentence lists. It says of the others how many they are; one more takes no more room than its number. */
const MAX_LISTED = 5;

/** The page's texts are British English. */
const list = new Intl.ListFormat(language === 'en' ? 'en-GB' : language);

/** What a sentence says: a word that pictures have, or the text between two words. */
export interface ListPart {
  isWord: boolean;
  text: string;
}

/** “bird, dog and gull” or, of many words, “bird, dog, gull, cat, cow and 11 more”. */
export function listRelatedWords(words: readonly string[]): ListPart[] {
  const listed = words.length > MAX_LISTED + 1 ? words.slice(0, MAX_LISTED) : words;
  const left = words.length - listed.length;
  const elements = left === 0 ? listed : [...listed, `${left} more`];
  let count = 0;
  return list
    .formatToParts(elements)
    .map(({ type, value }) => ({ isWord: type === 'element' && count++ < listed.length, text: value }));
}

/**
 * The word that no picture has and that was taken for others. Where these only begin with it, some picture may have it, but
 * none has the whole query.
 */
export function findMissing(query: string, folded: string, words: readonly string[]): string {
  return words.every((word) => word.startsWith(folded)) ? query.trim() : spellAsTyped(query, folded);
}

/**
 * What is read aloud of words that were taken for others, or of pictures with related words that were asked for. Where the
 * query was relaxed, not all of the pictures are of these.
 */
export function describeRelated({ query, related = {}, relaxed }: Reading, isExpanded: boolean): string {
  return Object.entries(related)
    .map(([folded, words]) => {
      const missing = findMissing(query, folded, words);
      const names = listRelatedWords(words)
        .map(({ text }) => text)
        .join('');
      if (isExpanded) return `With words related to “${spellAsTyped(query, folded)}”: ${names}.`;
      return relaxed
        ? `No picture has “${missing}”. Looked for instead: ${names}.`
        : `No picture has “${missing}”. These are pictures of ${names}.`;
    })
    .join(' ');
}

/** Whether a search is for so many plain words at most, without filters: for these there may be pictures of related words. */
export function isPlainSearch(params: SearchParams, maxWords: number): boolean {
  if (!isSameSearch(params, { ...EMPTY_PARAMS, q: params.q, sort: params.sort })) return false;
  const words = params.q.trim().split(/\s+/);
  return words.length <= maxWords && words.every((word) => /^[\p{L}\p{M}\p{N}]+$/u.test(word));
}

/** Words that are related to a plain word, without that word: the one that most pictures have first, wider ones last. */
export async function findRelatedWords(
  api: Pick<Client, 'listWords'>,
  word: string,
  signal: AbortSignal,
): Promise<string[]> {
  const found = await api.listWords({ related: word }, MAX_SEARCHES, signal);
  return found.map((related) => related.word).filter((related) => related !== word.toLowerCase());
}
