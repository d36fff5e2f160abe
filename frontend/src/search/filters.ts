/** The filters of a search, as labels for people. */
import { formatDate } from '../app/format';
import { formatLicense } from '../app/licenses';
import type { ParamName, SearchParams } from './params';

/** A filter that is set, and the change of parameters that removes it. */
export interface ActiveFilter {
  key: string;
  label: string;
  without: Partial<SearchParams>;
}

type FilterName = Exclude<ParamName, 'q' | 'tag'>;

/** The label of each filter's value, in the order of display; null for a value that changes nothing. */
const LABELS: { [Name in FilterName]: (value: string) => string | null } = {
  owner: (owner) => `by ${owner}`,
  from: (day) => `from ${formatDate(day)}`,
  to: (day) => `to ${formatDate(day)}`,
  orientation: (orientation) => orientation,
  license: formatLicense,
  sort: (sort) => (sort === 'relevance' ? 'best match first' : null),
  color: (color) => color,
};

export function listActiveFilters(params: SearchParams): ActiveFilter[] {
  const tags = params.tag.map((tag) => ({
    key: `tag ${tag}`,
    label: `#${tag}`,
    without: { tag: params.tag.filter((other) => other !== tag) },
  }));
  const names = Object.keys(LABELS) as FilterName[];
  const others = names.flatMap((name) => {
    const value = String(params[name]);
    const label = value === '' ? null : LABELS[name](value);
    return label === null ? [] : [{ key: name, label, without: { [name]: '' } }];
  });
  return [...tags, ...others];
}

/** Filters that have a field in the panel and are set. The order is not counted: it leaves nothing out. */
export function countPanelFilters({ from, to, orientation, license, color }: SearchParams): number {
  return [from, to, orientation, license, color].filter((value) => value !== '').length;
}
