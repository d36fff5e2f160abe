/** Tags as people type them. The API decides in the end; this shows beforehand what it will make of them. */

/** Letters, marks, numbers of any script, underscore and hyphen after a `#` that begins a word. */
const HASHTAG = /(?<![\p{L}\p{M}\p{N}_&/#])#([\p{L}\p{M}\p{N}_-]*[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*)/gu;

export function hashtags(text: string): string[] {
  return unique([...text.matchAll(HASHTAG)].map((match) => match[1] ?? ''));
}

/** One tag without `#` and surrounding space, lower case, 64 characters at most; empty when nothing is left. */
export function cleanTag(text: string): string {
  return text
    .normalize('NFKC')
    .trim()
    .replace(/^#+/, '')
    .replace(/\s+/gu, ' ')
    .toLowerCase()
    .slice(0, 64)
    .trim();
}

/** Splits what was typed or pasted into a tag field. */
export function splitTags(text: string): string[] {
  return unique(text.split(/[,;\n]/u).map(cleanTag));
}

export function unique(tags: readonly string[]): string[] {
  return [...new Set(tags.map(cleanTag).filter((tag) => tag !== ''))];
}
