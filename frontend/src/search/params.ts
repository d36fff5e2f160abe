/**
 * The parameters of a search, under the same names in the page's URL and in the API. `ParamName` is derived from the
 * API's type: a new parameter without a parser here or without a label in `filters.ts` fails the type check.
 */
import { buildQueryString } from '../api/query';
import type { ImageQuery } from '../api/types';

/** What the API takes beside the search itself. */
type RequestParam = 'cursor' | 'limit' | 'since';
export type ParamName = Exclude<keyof ImageQuery, RequestParam>;

/** Every parameter has a value; an empty text or list means that it is not given. */
export type SearchParams = {
  [Name in ParamName]-?: NonNullable<ImageQuery[Name]> extends string[]
    ? string[]
    : NonNullable<ImageQuery[Name]> | '';
};

type Choices<Name extends ParamName> = Readonly<Record<NonNullable<ImageQuery[Name]> & string, string>>;

/** The values of a parameter with their labels. */
export const ORIENTATIONS: Choices<'orientation'> = {
  landscape: 'Landscape',
  portrait: 'Portrait',
  square: 'Square',
};
export const SORTS: Choices<'sort'> = { newest: 'Newest', relevance: 'Best match' };

/** Read a parameter's values in the URL. A value that the API would refuse counts as not given. */
const PARSERS: { [Name in ParamName]: (values: string[]) => SearchParams[Name] } = {
  q: first,
  tag: (values) => [...new Set(values.filter((tag) => tag !== ''))],
  from: (values) => parseDay(first(values)),
  to: (values) => parseDay(first(values)),
  orientation: (values) => parseChoice(first(values), ORIENTATIONS),
  color: first,
  license: first,
  owner: (values) => first(values).trim(),
  sort: (values) => parseChoice(first(values), SORTS),
};

/** `queryString` as in `location.search`. */
export function parseParams(queryString: string): SearchParams {
  const given = new URLSearchParams(queryString);
  const parsed = Object.entries(PARSERS).map(([name, parse]) => [name, parse(given.getAll(name))]);
  return Object.fromEntries(parsed) as SearchParams;
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

function first(values: string[]): string {
  return values[0] ?? '';
}

function parseDay(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : '';
}

function parseChoice<Choice extends string>(text: string, choices: Record<Choice, string>): Choice | '' {
  return Object.hasOwn(choices, text) ? (text as Choice) : '';
}
