/**
 * The values of the filters in the page's address. What else there is to say of a filter (`filters.ts`) needs the page's texts,
 * which in most languages are loaded first; the early script asks the API without waiting for them.
 */
import { pathsApiImagesGetParametersQueryOrientationValues as ORIENTATIONS } from '../api/schema';
import type { FilterName, SearchParams } from './search-params';

/** A value that the field of the filter cannot have counts as not given. */
const PARSERS: Readonly<Record<FilterName, (text: string) => string>> = {
  owner: trim,
  by: trim,
  camera: trim,
  place: trim,
  orientation: (text) => ORIENTATIONS.find((value) => value === text) ?? '',
  color: trim,
  license: trim,
  taken: trim,
  from: parseDay,
  to: parseDay,
};

/** The value of each filter in the page's address. */
export function parseFilters(given: URLSearchParams): Pick<SearchParams, FilterName> {
  const values = Object.entries(PARSERS).map(([name, parse]) => [name, parse(given.get(name) ?? '')]);
  return Object.fromEntries(values) as Pick<SearchParams, FilterName>;
}

function trim(text: string): string {
  return text.trim();
}

function parseDay(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : '';
}
