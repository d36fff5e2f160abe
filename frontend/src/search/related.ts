/** Words that are related to a word of a query: the same in meaning, its kinds, what pictures of it show, or wider words. */
import type { Client } from '../api/client';
import { language } from '../app/texts';
import type { Reading } from './pager.svelte';
import { EMPTY_PARAMS, isSameSearch } from './params';
import { listSearchedWords, replaceWord, spellAsTyped } from './query-words';
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
 * What is read aloud of words that were taken for others, or of pictures with related words that were asked for. Where the
 * query was relaxed, not all of the pictures are of these.
 */
export function describeRelated({ query, related = {}, relaxed }: Reading, isExpanded: boolean): string {
  return Object.entries(related)
    .map(([folded, words]) => {
      const word = spellAsTyped(query, folded);
      const names = listRelatedWords(words)
        .map(({ text }) => text)
        .join('');
      if (isExpanded) return `With words related to “${word}”: ${names}.`;
      return relaxed
        ? `No picture has “${word}”. Looked for instead: ${names}.`
        : `No picture has “${word}”. These are pictures of ${names}.`;
    })
    .join(' ');
}

/**
 * The word of a search for which there may be related ones: the last of a few plain words without filters; else null. Beside
 * another word, a related one may find nothing.
 */
export function findLastWord(params: SearchParams, maxWords = 3): string | null {
  if (!isSameSearch(params, { ...EMPTY_PARAMS, q: params.q, sort: params.sort })) return null;
  const words = params.q.trim().split(/\s+/);
  if (words.length > maxWords || !words.every((word) => /^[\p{L}\p{M}\p{N}]+$/u.test(word))) return null;
  return words.at(-1) ?? null;
}

/** Queries with a related word in the place of the last one: the word that most pictures have first. */
export async function findRelatedQueries(
  api: Pick<Client, 'listWords'>,
  query: string,
  signal: AbortSignal,
): Promise<string[]> {
  const typed = listSearchedWords(query).at(-1) ?? '';
  const words = await api.listWords({ related: typed }, MAX_SEARCHES, signal);
  const searched = new Set(listSearchedWords(query.toLowerCase()));
  return words.filter(({ word }) => !searched.has(word)).map(({ word }) => replaceWord(query, typed, word));
}
