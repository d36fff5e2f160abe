/** Pictures of words that are related to those of a search, or begin with the last of them, below the few that have the words. */
import type { Client } from '../api/client';
import type { Image } from '../api/types';
import { formatCount, pluralize } from '../app/format';
import { buildPageQuery } from './page-query';
import { buildQuery } from './params';
import { isMatch } from './picture-rows';
import type { SearchParams } from './search-params';

export interface RelatedPictures {
  images: readonly Image[];
  /** The related words, by the word of the search that they are related to, or begin with. */
  words: Readonly<Record<string, readonly string[]>>;
  /** Whether there are no others. */
  isAll: boolean;
  /** Whether the words begin with the last word of the search, which is being typed. */
  isCompleted: boolean;
}

/**
 * The best of the pictures that have a related word, or one that begins with the last word, without those that the search of
 * `params` itself has found; null where there are none, or no answer: nobody misses them.
 */
export async function findRelatedPictures(
  api: Pick<Client, 'searchImages'>,
  params: SearchParams,
  expand: 'related' | 'completions',
  results: readonly Pick<Image, 'id'>[],
  signal: AbortSignal,
): Promise<RelatedPictures | null> {
  const query = buildQuery({ ...params, sort: 'relevance', expand });
  const page = await api.searchImages(buildPageQuery(query), signal).catch(() => null);
  if (!isMatch(page) || page.corrected || !page.related) return null;
  const ids = new Set(results.map(({ id }) => id));
  const images = page.images.filter(({ id }) => !ids.has(id));
  return images.length === 0
    ? null
    : { images, words: page.related, isAll: page.next === null, isCompleted: expand === 'completions' };
}

/** “2 pictures and 22 related”, “2 pictures and more than 48 related”. */
export function describeRelatedCount(shown: number, { images, isAll }: RelatedPictures): string {
  const pictures = formatCount(shown, 'picture');
  const related = pluralize(images.length, '# related', '# related');
  return isAll ? `${pictures} and ${related}` : `${pictures} and more than ${related}`;
}
