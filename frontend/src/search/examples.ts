/** Examples of the query language, of words and tags that pictures of the library have: each of them finds something. */
import type { Image } from '../api/types';

/** For each kind of example a query; null where none of the pictures gives one. */
export interface ExampleQueries {
  words: string | null;
  phrase: string | null;
  tag: string | null;
  exclusion: string | null;
}

const WORD = /^\p{L}{3,14}$/u;
/** Two words that a single space parts. */
const PHRASE = /(?<![\p{L}\p{N}#'’-])\p{L}{3,14} \p{L}{4,14}(?![\p{L}\p{N}'’-])/u;

/** How a query can be written, where no picture is known that would be found. */
export const SPELLINGS: Readonly<Record<keyof ExampleQueries, string>> = {
  words: 'run beach',
  phrase: '"golden gate"',
  tag: '#sunset',
  exclusion: 'lake -boat',
};

export function findExamples(images: readonly Image[]): ExampleQueries {
  const tagged = images.map((image) => ({ image, tags: image.tags.filter((tag) => WORD.test(tag)) }));
  const all = [...new Set(tagged.flatMap(({ tags }) => tags))];
  const pair = tagged.find(({ tags }) => tags.length > 1)?.tags;
  const phrase = images.find(({ description }) => PHRASE.test(description))?.description;
  const tag = pair?.[0] ?? all[0];
  const words = PHRASE.exec(phrase ?? '')?.[0].toLowerCase();
  return {
    words: pair ? `${pair[0]} ${pair[1]}` : (words ?? null),
    phrase: words ? `"${words}"` : null,
    tag: tag ? `#${tag}` : null,
    exclusion: findExclusion(tagged),
  };
}

/** A tag without another one: some picture has both, and another picture has the first one and no text with the second. */
function findExclusion(tagged: readonly { image: Image; tags: readonly string[] }[]): string | null {
  for (const { tags } of tagged) {
    for (const kept of tags) {
      for (const left of tags) {
        const isLeft = tagged.some(({ image, tags: own }) => own.includes(kept) && !hasText(image, left));
        if (kept !== left && isLeft) return `${kept} -${left}`;
      }
    }
  }
  return null;
}

/** Whether a word, or another form of it, may be in what is searched of a picture. */
function hasText(image: Image, word: string): boolean {
  const { name, description, title, creator, place, tags } = image;
  const text = [name, description, title, creator, place, ...tags].join(' ').toLowerCase();
  return text.includes(word.slice(0, 4));
}
