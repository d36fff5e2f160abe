import type { Image, SimilarImage } from '../api/types';

export interface SimilarGroup {
  title: string;
  images: readonly SimilarImage[];
}

const TITLES: Record<SimilarImage['kind'], string> = {
  'same-bytes': 'The same picture',
  'same-pixels': 'The same picture',
  near: 'Nearly the same',
  alike: 'Similar pictures',
};

/** Words shorter than this join sentences rather than say what a picture shows. */
const MIN_WORD = 4;

/**
 * Pictures that are like one, by how they are like it. The library also answers pictures that have no more than some
 * rare word in common, of a file name for instance: they are left out.
 */
export function groupSimilar(image: Image, similar: readonly SimilarImage[]): SimilarGroup[] {
  const groups = new Map<string, SimilarImage[]>();
  for (const other of similar) {
    if (other.kind === 'alike' && !hasSameSubject(image, other)) continue;
    const title = TITLES[other.kind];
    groups.set(title, [...(groups.get(title) ?? []), other]);
  }
  return [...groups].map(([title, images]) => ({ title, images }));
}

function hasSameSubject(image: Image, other: Image): boolean {
  if (other.tags.some((tag) => image.tags.includes(tag))) return true;
  if (image.place !== '' && image.place === other.place) return true;
  const words = listWords(image.description);
  return [...listWords(other.description)].some((word) => words.has(word));
}

function listWords(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
  return new Set(words.filter((word) => word.length >= MIN_WORD));
}
