/** The exclusions of a query that finds nothing: without which of them it finds pictures. */
import type { Client } from '../api/client';
import { buildPageQuery } from './page-query';
import { buildQuery, ITEM } from './params';
import type { SearchParams } from './search-params';

/** One exclusion, or all of them, without which there are pictures; and the search without it. */
export interface RemovableExclusion {
  label: string;
  params: SearchParams;
}

/** Exclusions that are tried one by one at most: each takes a request, and all of them together take another. */
const MAX_EXCLUSIONS = 3;
const EXCLUSION = /^-[^-]*[\p{L}\p{N}]/u;

export function listExclusions(q: string): string[] {
  return (q.match(ITEM) ?? []).filter((item) => EXCLUSION.test(item));
}

/** Each exclusion without which there are pictures; else all of them together, if there are pictures without any. */
export async function findRemovableExclusions(
  api: Pick<Client, 'searchImages'>,
  params: SearchParams,
  signal: AbortSignal,
): Promise<readonly RemovableExclusion[]> {
  const exclusions = listExclusions(params.q);
  const ask = async (left: readonly string[]): Promise<RemovableExclusion[]> => {
    const items = params.q.match(ITEM) ?? [];
    const q = items.filter((item) => !left.includes(item)).join(' ');
    // Without anything that is asked for, all pictures would be found.
    if (q === '') return [];
    const asked = { ...params, q };
    const query = { ...buildPageQuery(buildQuery(asked)), limit: 1 };
    // Nobody misses what one of these searches would have found.
    const page = await api.searchImages(query, signal).catch(() => null);
    if (page === null || page.images.length === 0 || page.relaxed || page.corrected) return [];
    return [{ label: left.join(' '), params: asked }];
  };
  const single = await Promise.all(exclusions.slice(0, MAX_EXCLUSIONS).map((each) => ask([each])));
  const found = single.flat();
  return found.length > 0 || exclusions.length < 2 ? found : ask(exclusions);
}
