/** The plain words of a query. */
import { ITEM } from './params';

/** Operators and their values, tags, and what is left out. */
const OPERATOR = /^-|^\w+:|^#/;
const QUOTED = /"/;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** Finds letters equal whatever their case and accents, as the API does. */
const { compare } = new Intl.Collator('und', { sensitivity: 'base' });

/** The plain words of a query: neither tags nor what an operator is about, nor what is left out. */
export function listSearchedWords(query: string): string[] {
  return query.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word) && !OPERATOR.test(word));
}

/** A word as it stands in the query, in whatever case and with its accents; the word itself where it stands there as no word. */
export function spellAsTyped(query: string, word: string): string {
  return query.match(WORD)?.find((each) => compare(each, word) === 0) ?? word;
}

/** The query with another word in the place of one of its plain words, in whatever case that one is. */
export function replaceWord(query: string, typed: string, word: string): string {
  return (query.match(ITEM) ?? [])
    .map((item) =>
      OPERATOR.test(item) || QUOTED.test(item)
        ? item
        : item.replace(WORD, (each) => (compare(each, typed) === 0 ? word : each)),
    )
    .join(' ');
}
