/** Tags as people type them. The API normalises tags; the page does the same first, so that people see the result. */

/** Tags of a picture at most. */
const MAX_TAGS = 50;

const MAX_LENGTH = 64;

/** `#` and letters, digits or `_` of any script, unless the `#` is inside a word or an address. */
const HASHTAG = /(?<![\p{L}\p{M}\p{N}&/_=?])#([\p{L}\p{M}\p{N}_\u200c\u200d]+)/gu;

/** The tags in a description. A hashtag without any letter is none. */
export function extractHashtags(text: string): string[] {
  const names = [...text.normalize('NFKC').matchAll(HASHTAG)].map((match) => match[1] ?? '');
  return normalizeTags(names.filter((name) => !/^[\p{Nd}_]*$/u.test(name)));
}

/** A tag without `#`, quotes and surrounding space, in lower case and cut to 64 characters. It may end up empty. */
export function normalizeTag(text: string): string {
  return (
    text
      .normalize('NFKC')
      .trim()
      .replace(/[#"]/g, '')
      .replace(/\s+/gu, ' ')
      .toLowerCase()
      // Of “İ” a browser makes an “i” with a second dot above it.
      .replace(/i\u0307/g, 'i')
      .normalize('NFC')
      .slice(0, MAX_LENGTH)
      .trim()
  );
}

/** The tags normalised, without empty and repeated ones. */
export function normalizeTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map(normalizeTag).filter((tag) => tag !== ''))];
}

/** Tags with others, normalised, as many as a picture may have. */
export function addTags(tags: readonly string[], added: readonly string[]): string[] {
  return normalizeTags([...tags, ...added]).slice(0, MAX_TAGS);
}

/** The tags in a text that somebody has typed or pasted into a field for tags. */
export function splitTags(text: string): string[] {
  return normalizeTags(text.split(/[,;\n]/u));
}
