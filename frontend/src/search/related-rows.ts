/** Pictures of searches with a related word, below the few that a search itself has found. */
import type { Client } from '../api/client';
import type { Image } from '../api/types';
import { countFound, findFirst, isMatch, isReadOtherwise, ROW_LENGTH, type PictureRow } from './picture-rows';
import type { SearchParams } from './search-params';

const MAX_ROWS = 4;

/** A row for each of the first `queries`, without the pictures that the search of `params` itself has found. */
export async function findRelatedRows(
  api: Pick<Client, 'searchImages'>,
  params: SearchParams,
  queries: readonly string[],
  results: readonly Pick<Image, 'id'>[],
  signal: AbortSignal,
): Promise<PictureRow[]> {
  const ids = new Set(results.map(({ id }) => id));
  const find = async (q: string): Promise<PictureRow[]> => {
    const asked = { ...params, q };
    const page = await findFirst(api, asked, ROW_LENGTH + ids.size, signal);
    if (!isMatch(page) || isReadOtherwise(page)) return [];
    const images = page.images.filter(({ id }) => !ids.has(id)).slice(0, ROW_LENGTH);
    return images.length === 0 ? [] : [{ label: q, params: asked, images, found: countFound(page) }];
  };
  return (await Promise.all(queries.slice(0, MAX_ROWS).map(find))).flat();
}
