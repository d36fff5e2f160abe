import type { Image } from '../api/types';

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

type Titled = Pick<Image, 'description' | 'name'>;

/** What a picture is called where it is not seen: its description without raw hashtags, else its name. */
export function describePicture({ description, name }: Titled): string {
  return removeHashtags(description) || name;
}

/**
 * What stands on a picture's tile: its name, unless that may be a file's, with an extension or many digits; else what it shows.
 * The whole rule (`title.ts`) is too large for a visitor's first load.
 */
export function captionTile(image: Titled): string {
  return /\.\w{2,4}$|\d{4}/.test(image.name) ? describePicture(image) : image.name;
}

const titles = new WeakMap<Titled, string>();

/** What pictures of one list are called. From the second one on, those of one title have a number: photos of a series do. */
export function describePictures(images: readonly Titled[]): string[] {
  const counts = new Map<string, number>();
  return images.map((image) => {
    const title = titles.get(image) ?? describePicture(image);
    titles.set(image, title);
    const count = (counts.get(title) ?? 0) + 1;
    counts.set(title, count);
    return count === 1 ? title : `${title} (${count})`;
  });
}
