/** The types of a search's parameters, which the filters and the address share. */
import type { ImageQuery } from '../api/types';

/** What the API takes beside filters. */
type OtherParam = 'q' | 'tag' | 'tags' | 'sort' | 'expand' | 'cursor' | 'limit' | 'since';
export type FilterName = Exclude<keyof ImageQuery, OtherParam>;

type ParamName = 'q' | 'tag' | 'tags' | 'sort' | 'expand' | FilterName;

/** Every parameter has a value; an empty text or list means that it is not given. */
export type SearchParams = {
  [Name in ParamName]-?: NonNullable<ImageQuery[Name]> extends string[]
    ? string[]
    : NonNullable<ImageQuery[Name]> | '';
};
