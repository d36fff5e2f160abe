/** What is searched for, as the page keeps it and as both addresses spell it: the page's and the API's. */
import { queryString } from '../api/query';
import type { ImageQuery } from '../api/types';

export interface SearchParams {
  q: string;
  tags: string[];
  from: string;
  to: string;
  sort: '' | 'newest' | 'relevance';
  orientation: '' | 'landscape' | 'portrait' | 'square';
  color: string;
  license: string;
  /** Display name of who contributed. */
  owner: string;
}

export const EMPTY: Readonly<SearchParams> = {
  q: '',
  tags: [],
  from: '',
  to: '',
  sort: '',
  orientation: '',
  color: '',
  license: '',
  owner: '',
};

export function fromAddress(search: string): SearchParams {
  const given = new URLSearchParams(search);
  const text = (name: string): string => given.get(name) ?? '';
  return {
    q: text('q'),
    tags: [...new Set(given.getAll('tag').filter((tag) => tag !== ''))],
    from: day(text('from')),
    to: day(text('to')),
    sort: oneOf(text('sort'), ['newest', 'relevance']),
    orientation: oneOf(text('orientation'), ['landscape', 'portrait', 'square']),
    color: text('color'),
    license: text('license'),
    owner: text('owner').trim(),
  };
}

export function toAddress(params: SearchParams): string {
  return `/${queryString({ ...toQuery(params) })}`;
}

export function toQuery(params: SearchParams): ImageQuery {
  const { q, tags, from, to, sort, orientation, color, license, owner } = params;
  return {
    ...(q.trim() === '' ? {} : { q: q.trim() }),
    ...(tags.length === 0 ? {} : { tag: [...tags].sort() }),
    ...(from === '' ? {} : { from }),
    ...(to === '' ? {} : { to }),
    ...(sort === '' ? {} : { sort }),
    ...(orientation === '' ? {} : { orientation }),
    ...(color === '' ? {} : { color }),
    ...(license === '' ? {} : { license }),
    ...(owner === '' ? {} : { owner }),
  };
}

/** The same search, whatever the order in which it was put together? */
export function same(a: SearchParams, b: SearchParams): boolean {
  return toAddress(a) === toAddress(b);
}

export function isEmpty(params: SearchParams): boolean {
  return toAddress(params) === '/';
}

/** The address that searches for one tag. */
export function tagAddress(tag: string): string {
  return toAddress({ ...EMPTY, tags: [tag] });
}

/** The address that searches for what one person has contributed. */
export function ownerAddress(owner: string): string {
  return toAddress({ ...EMPTY, owner });
}

function day(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : '';
}

function oneOf<T extends string>(text: string, values: readonly T[]): T | '' {
  return values.includes(text as T) ? (text as T) : '';
}
