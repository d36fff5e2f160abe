/** The parameters of a search, under the same names in the page's address and in the API. */
import {
  pathsApiImagesGetParametersQuerySortValues as SORTS,
  pathsApiImagesGetParametersQueryTagsValues as TAG_MODES,
} from '../api/schema';
import { buildQueryString } from '../api/query';
import type { ImageQuery } from '../api/types';
import { parseFilters } from './filter-values';
import type { SearchParams } from './search-params';

export type Sort = NonNullable<ImageQuery['sort']>;

/** `/by/7` is the address of what one contributor has, whose `owner` is `id:7`. */
const CONTRIBUTOR_PATH = /^\/by\/(\d{1,9})\/?$/;
const CONTRIBUTOR = /^id:(\d{1,9})$/;

/** An operator and its value, a phrase, or a word. */
export const ITEM = /-?(?:\w+:)?"[^"]*"?|\S+/g;
/** Items that no picture matches better than another. */
const UNRANKED = /^(?:-|#|(?:tags?|date|from|to|by|camera|place|taken):)/i;

/** `queryString` as in `location.search`. A value that the API would refuse counts as not given. */
export function parseParams(queryString: string): SearchParams {
  const given = new URLSearchParams(queryString);
  const tags = given.getAll('tag').filter((tag) => tag !== '');
  return {
    q: given.get('q') ?? '',
    tag: [...new Set(tags)],
    tags: parseChoice(given.get('tags'), TAG_MODES),
    sort: parseChoice(given.get('sort'), SORTS),
    // Completions are for words that are being typed.
    expand: parseChoice(given.get('expand'), ['related']),
    ...parseFilters(given),
  };
}

/** The search at an address of the page. */
export function parseAddress(path: string, queryString: string): SearchParams {
  const params = parseParams(queryString);
  const id = CONTRIBUTOR_PATH.exec(path)?.[1];
  return id === undefined ? params : { ...params, owner: `id:${id}` };
}

/** The search at an address as `buildSearchUrl` makes it. */
export function parseSearchUrl(address: string): SearchParams {
  const [path = '', queryString = ''] = address.split('?', 2);
  return parseAddress(path, queryString);
}

function parseChoice<Value extends string>(text: string | null, values: readonly Value[]): Value | '' {
  return values.find((value) => value === text) ?? '';
}

export const EMPTY_PARAMS: Readonly<SearchParams> = parseParams('');

/** The id of the only contributor whose pictures are searched; null for a search by name or among all. */
export function findContributorId({ owner }: Pick<SearchParams, 'owner'>): string | null {
  return CONTRIBUTOR.exec(owner)?.[1] ?? null;
}

/** Whether a query has words, which some pictures match better than others. */
export function hasWords(q: string): boolean {
  return (q.match(ITEM) ?? []).some((item) => !UNRANKED.test(item));
}

/** The order of the results: the best match first where there are words, unless somebody chose otherwise. */
export function getSort({ q, sort }: Pick<SearchParams, 'q' | 'sort'>): Sort {
  if (!hasWords(q)) return 'newest';
  return sort === '' ? 'relevance' : sort;
}

/** The query for the API: only the parameters that are given, and the order. */
export function buildQuery(params: SearchParams): ImageQuery {
  const { sort: _, ...given } = listGiven(params);
  return getSort(params) === 'relevance' ? { ...given, sort: 'relevance' } : given;
}

/** The query for a feed, whose newest entries come first. */
export function buildFeedQuery(params: SearchParams): ImageQuery {
  return listGiven({ ...params, sort: '' });
}

function listGiven(params: SearchParams): ImageQuery {
  const trimmed = { ...params, q: params.q.trim(), tag: [...params.tag].sort() };
  return Object.fromEntries(
    Object.entries(trimmed).filter(([, value]) => String(value) !== ''),
  ) as ImageQuery;
}

/** The page's address of a search. */
export function buildSearchUrl(params: Partial<SearchParams>): string {
  const given = listGiven({ ...EMPTY_PARAMS, ...params });
  const id = findContributorId({ owner: given.owner ?? '' });
  if (id === null) return `/${buildQueryString({ ...given })}`;
  return `/by/${id}${buildQueryString({ ...given, owner: null })}`;
}

export function isSameSearch(a: SearchParams, b: SearchParams): boolean {
  return buildSearchUrl(a) === buildSearchUrl(b);
}

export function isEmptySearch(params: SearchParams): boolean {
  return isSameSearch(params, EMPTY_PARAMS);
}
