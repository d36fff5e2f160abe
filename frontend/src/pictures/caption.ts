/** A hashtag as the library reads it: letters, digits or `_` of any script after `#`, not inside a word or an address. */
const HASHTAG = String.raw`(?<![\p{L}\p{N}\p{M}&/_=?])#(?!\p{N}+(?![\p{L}\p{N}\p{M}_]))[\p{L}\p{N}\p{M}_\u200c\u200d]+`;

const AT_END_OF_LINE = new RegExp(`(?:^[^\\S\\n]*|(?<=\\S)[^\\S\\n]+)(?:${HASHTAG}[^\\S\\n]*)+$`, 'gmu');
const IN_SENTENCE = new RegExp(HASHTAG, 'gu');

/**
 * A description without raw hashtags, which the page shows as links to their tags. Hashtags that end a line are left out;
 * one in a sentence is a word of it.
 */
export function removeHashtags(description: string): string {
  return description
    .replace(AT_END_OF_LINE, '')
    .replace(IN_SENTENCE, (hashtag) => hashtag.slice(1))
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
