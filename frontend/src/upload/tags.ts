/** Tags as people type them. The API decides in the end; this shows beforehand what it will make of them. */

/** `#` and letters, digits or `_` of any script, that does not begin inside a word or an address. */
const HASHTAG = /(?<![\p{L}\p{M}\p{N}&/_=?])#([\p{L}\p{M}\p{N}_\u200c\u200d]+)/gu;

export function hashtags(text: string): string[] {
  const names = [...text.normalize('NFKC').matchAll(HASHTAG)].map((match) => match[1] ?? '');
  return unique(names.filter((name) => !/^[\p{Nd}_]*$/u.test(name)));
}

/** One tag without `#`, quotes and surrounding space, lower case, 64 characters at most; empty when nothing is left. */
export function cleanTag(text: string): string {
  return text
    .normalize('NFKC')
    .trim()
    .replace(/[#"]/g, '')
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
