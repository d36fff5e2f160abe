/** The parameters of a search, under the same names in the page's URL and in the API. */
import { buildQueryString } from '../api/query';
import type { ImageQuery } from '../api/types';
import { parseFilters, type FilterName } from './filters';

type ParamName = 'q' | 'tag' | FilterName;

/** Every parameter has a value; an empty text or list means that it is not given. */
export type SearchParams = {
  [Name in ParamName]-?: NonNullable<ImageQuery[Name]> extends string[]
    ? string[]
    : NonNullable<ImageQuery[Name]> | '';
};

/** `queryString` as in `location.search`. A value that the API would refuse counts as not given. */
export function parseParams(queryString: string): SearchParams {
  const given = new URLSearchParams(queryString);
  const tags = given.getAll('tag').filter((tag) => tag !== '');
  return { q: given.get('q') ?? '', tag: [...new Set(tags)], ...parseFilters(given) };
}

export const EMPTY_PARAMS: Readonly<SearchParams> = parseParams('');

/** The query for the API: only the parameters that are given. */
export function buildQuery(params: SearchParams): ImageQuery {
  const trimmed = { ...params, q: params.q.trim(), tag: [...params.tag].sort() };
  return Object.fromEntries(
    Object.entries(trimmed).filter(([, value]) => String(value) !== ''),
  ) as ImageQuery;
}

/** The page's address of a search. */
export function buildSearchUrl(params: Partial<SearchParams>): string {
  return `/${buildQueryString({ ...buildQuery({ ...EMPTY_PARAMS, ...params }) })}`;
}

export function isSameSearch(a: SearchParams, b: SearchParams): boolean {
  return buildSearchUrl(a) === buildSearchUrl(b);
}

export function isEmptySearch(params: SearchParams): boolean {
  return isSameSearch(params, EMPTY_PARAMS);
}
