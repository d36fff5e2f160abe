/** What a query leaves out, where that leaves nothing: which of it may stay. */
import type { Client } from '../api/client';
import { buildPageQuery } from './page-query';
import { buildQuery, ITEM } from './params';
import type { SearchParams } from './search-params';

/** Exclusions without which there are pictures, and the search without them. */
export interface Release {
  label: string;
  params: SearchParams;
}

/** Exclusions of which each is left away by itself: there is a search for each, and one without any. */
const MAX_EXCLUSIONS = 3;
const EXCLUSION = /^-[^-]*[\p{L}\p{N}]/u;

export function listExclusions(q: string): string[] {
  return (q.match(ITEM) ?? []).filter((item) => EXCLUSION.test(item));
}

/** Each exclusion without which there are pictures; else all of them together, if there are pictures without any. */
export async function findReleases(
  api: Pick<Client, 'searchImages'>,
  params: SearchParams,
  signal: AbortSignal,
): Promise<readonly Release[]> {
  const exclusions = listExclusions(params.q);
  const ask = async (left: readonly string[]): Promise<Release[]> => {
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
