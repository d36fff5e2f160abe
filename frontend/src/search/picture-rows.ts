/** Rows of pictures, each of which shows the first ones of a search and leads to it. */
import type { Client } from '../api/client';
import type { Image, ImagePage } from '../api/types';
import type { Found } from './count';
import { buildPageQuery } from './page-query';
import { buildQuery } from './params';
import type { SearchParams } from './search-params';

export interface PictureRow {
  /** What these pictures have. */
  label: string;
  params: SearchParams;
  images: readonly Image[];
  found: Found;
}

/** Pictures of a row. */
export const ROW_LENGTH = 8;

/** The first pictures of a search; null where there is no answer: nobody misses a row. */
export async function findFirst(
  api: Pick<Client, 'searchImages'>,
  params: SearchParams,
  limit: number,
  signal: AbortSignal,
): Promise<ImagePage | null> {
  const query = { ...buildPageQuery(buildQuery(params)), limit };
  return api.searchImages(query, signal).catch(() => null);
}

/** Whether there are pictures, and they have all that was looked for. */
export function isMatch(page: ImagePage | null): page is ImagePage {
  return page !== null && page.images.length > 0 && page.relaxed !== true;
}

/** Whether the API has looked for other words than those of the query. */
export function isReadOtherwise({ corrected, related }: ImagePage): boolean {
  return Boolean(corrected) || related !== undefined;
}

export function countFound({ images, next, count }: ImagePage): Found {
  return { shown: images.length, isAll: next === null, count: count ?? null };
}
