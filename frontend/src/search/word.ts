/** What is being typed at a position in the search box: up to the caret, and the whole of it as a piece of the text. */
export interface Typed {
  prefix: string;
  start: number;
  end: number;
}

/** The `#tag` being typed, without `#`; null when it is something else. */
export function tagAt(text: string, caret: number): Typed | null {
  const before = text.slice(0, caret);
  const match = /(?:^|\s)#([^\s#"]*)$/u.exec(before);
  if (match === null) return null;
  const prefix = match[1] ?? '';
  const start = caret - prefix.length - 1;
  const rest = /^[^\s#"]*/u.exec(text.slice(caret))?.[0] ?? '';
  return { prefix, start, end: caret + rest.length };
}

/** What takes other values than words: a day, a tag. */
const OPERATOR = /^-?(?:date|from|to|tags?):/i;

/** The plain word being typed, of two letters at least; null when it is something else. */
export function wordAt(text: string, caret: number): Typed | null {
  const before = text.slice(0, caret);
  const token = /\S*$/u.exec(before)?.[0] ?? '';
  if (token.includes('#') || OPERATOR.test(token)) return null;
  const prefix = /[\p{L}\p{M}\p{N}]{2,}$/u.exec(before)?.[0];
  if (prefix === undefined) return null;
  const rest = /^[\p{L}\p{M}\p{N}]*/u.exec(text.slice(caret))?.[0] ?? '';
  return { prefix, start: caret - prefix.length, end: caret + rest.length };
}

/** The text with a word in place of a piece of it, and where the caret goes: behind it, ready for another word. */
export function completed(text: string, typed: Typed, word: string): { text: string; caret: number } {
  const rest = text.slice(typed.end);
  const space = rest === '' ? ' ' : '';
  return {
    text: `${text.slice(0, typed.start)}${word}${space}${rest}`,
    caret: typed.start + word.length + space.length,
  };
}

/** The text without a piece of it, spaces tidied. */
export function without(text: string, start: number, end: number): string {
  return `${text.slice(0, start).trimEnd()} ${text.slice(end).trimStart()}`.trim();
}
