/** The tag or word at the caret of the search box, and the text after it was completed. */

/** A piece of a text, from `start` to `end`, whose letters before the caret are `prefix`. */
export interface Token {
  prefix: string;
  start: number;
  end: number;
}

/** The `#tag` at the caret, its prefix without `#`; null when no tag is there. */
export function findTag(text: string, caret: number): Token | null {
  const match = /(?:^|\s)#([^\s#"]*)$/u.exec(text.slice(0, caret));
  if (match === null) return null;
  const prefix = match[1] ?? '';
  const rest = /^[^\s#"]*/u.exec(text.slice(caret))?.[0] ?? '';
  return { prefix, start: caret - prefix.length - 1, end: caret + rest.length };
}

/** Operators of the query language whose values are days or tags, not words. */
const OPERATOR = /^-?(?:date|from|to|tags?):/i;

/** The plain word at the caret; null when its prefix has fewer than two letters, or when no plain word is there. */
export function findWord(text: string, caret: number): Token | null {
  const before = text.slice(0, caret);
  const chunk = /\S*$/u.exec(before)?.[0] ?? '';
  if (chunk.includes('#') || OPERATOR.test(chunk)) return null;
  const prefix = /[\p{L}\p{M}\p{N}]{2,}$/u.exec(before)?.[0];
  if (prefix === undefined) return null;
  const rest = /^[\p{L}\p{M}\p{N}]*/u.exec(text.slice(caret))?.[0] ?? '';
  return { prefix, start: caret - prefix.length, end: caret + rest.length };
}

/** The text with a word in place of a token, and the caret's new position: behind the word, ready for the next one. */
export function completeToken(text: string, token: Token, word: string): { text: string; caret: number } {
  const rest = text.slice(token.end);
  const space = rest === '' ? ' ' : '';
  return {
    text: `${text.slice(0, token.start)}${word}${space}${rest}`,
    caret: token.start + word.length + space.length,
  };
}

/** The text without a token, with single spaces where it was. */
export function removeToken(text: string, token: Token): string {
  return `${text.slice(0, token.start).trimEnd()} ${text.slice(token.end).trimStart()}`.trim();
}
