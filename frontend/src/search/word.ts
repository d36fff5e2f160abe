/** The `#tag` being typed at a position in the search box, without `#`; null when it is something else. */
export function tagAt(text: string, caret: number): { prefix: string; start: number; end: number } | null {
  const before = text.slice(0, caret);
  const match = /(?:^|\s)#([^\s#"]*)$/u.exec(before);
  if (match === null) return null;
  const prefix = match[1] ?? '';
  const start = caret - prefix.length - 1;
  const rest = /^[^\s#"]*/u.exec(text.slice(caret))?.[0] ?? '';
  return { prefix, start, end: caret + rest.length };
}

/** The text without a piece of it, spaces tidied. */
export function without(text: string, start: number, end: number): string {
  return `${text.slice(0, start).trimEnd()} ${text.slice(end).trimStart()}`.trim();
}
