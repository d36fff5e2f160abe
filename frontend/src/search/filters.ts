/**
 * The filters of a search, each declared once in FILTERS. The page's address, the fields of the panel, the count on its
 * button and the removable chips follow from an entry. `FilterName` is derived from the API's type: a new filter of the
 * API fails the type check until it has an entry. The values of a choice come from the API's document, never from here.
 */
import { pathsApiImagesGetParametersQueryOrientationValues as ORIENTATIONS } from '../api/schema';
import type { ImageQuery } from '../api/types';
import { formatDate } from '../app/format';
import { formatLicense } from '../app/licenses';
import { findText } from '../app/texts';
import { PALETTE } from './palette';
import { formatPeriod } from './period-label';
import type { FilterName, SearchParams } from './search-params';

/** The field of a filter in the panel. */
type Control<Value extends string> =
  /** An end of a range of days. */
  | { kind: 'day'; label: string }
  /** A day, month or year, with usual ones to choose from. */
  | { kind: 'period'; label: string }
  /** A choice among a few values, with a label for each. */
  | { kind: 'choice'; label: string; values: readonly Value[]; formatValue: (value: Value) => string }
  /** A choice among the licences of the library. */
  | { kind: 'license' }
  /** Buttons in the given colours. */
  | { kind: 'swatches'; label: string; samples: Readonly<Record<Value, string>> };

interface Filter<Value extends string = string> {
  /** The label of a value's chip; null for a value that changes nothing. */
  formatChip: (value: string) => string | null;
  /**
   * Null for a filter that only links set: none of those whose values the API's document lists. A test names the others.
   */
  control: string extends Value ? Control<Value> | null : Control<Value>;
}

/** In the order of display. A filter of one word for each value has a control of the kind `choice`. */
const FILTERS: { [Name in FilterName]-?: Filter<NonNullable<ImageQuery[Name]>> } = {
  owner: {
    // Of one contributor alone, whose name stands above the results.
    formatChip: (owner) => (owner.startsWith('id:') ? null : `by ${owner}`),
    control: null,
  },
  by: {
    formatChip: (creator) => `made by ${creator}`,
    control: null,
  },
  camera: {
    formatChip: (camera) => `camera ${camera}`,
    control: null,
  },
  place: {
    formatChip: (place) => `in ${place}`,
    control: null,
  },
  orientation: {
    formatChip: formatWord,
    control: {
      kind: 'choice',
      label: 'Shape',
      values: ORIENTATIONS,
      formatValue: (orientation) => capitalize(formatWord(orientation)),
    },
  },
  color: {
    formatChip: formatWord,
    control: { kind: 'swatches', label: 'Colour', samples: PALETTE },
  },
  license: {
    formatChip: formatLicense,
    control: { kind: 'license' },
  },
  taken: {
    formatChip: (period) => `taken ${formatPeriod(period)}`,
    control: { kind: 'period', label: 'Taken' },
  },
  from: {
    formatChip: (day) => `added from ${formatDate(day)}`,
    control: { kind: 'day', label: 'From' },
  },
  to: {
    formatChip: (day) => `added to ${formatDate(day)}`,
    control: { kind: 'day', label: 'To' },
  },
};

/** What people call a value that is a word of English. */
export function formatWord(word: string): string {
  return findText(word) ?? word;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const ENTRIES = Object.entries(FILTERS) as [FilterName, Filter][];

/** The filters with a field, and their controls. */
export const PANEL_FIELDS = ENTRIES.flatMap(([name, { control }]) =>
  control === null ? [] : [{ name, control }],
);

/** A filter that is set, and the change of parameters that removes it. */
export interface ActiveFilter {
  key: string;
  label: string;
  without: Partial<SearchParams>;
}

export function listActiveFilters(params: SearchParams): ActiveFilter[] {
  const tags = params.tag.map((tag) => ({
    key: `tag ${tag}`,
    label: `#${tag}`,
    without: { tag: params.tag.filter((other) => other !== tag) },
  }));
  const others = ENTRIES.flatMap(([name, { formatChip }]) => {
    const value = params[name];
    const label = value === '' ? null : formatChip(value);
    return label === null ? [] : [{ key: name, label, without: { [name]: '' } }];
  });
  return [...tags, ...others];
}

/** Filters that have a field in the panel and are set. */
export function countPanelFilters(params: SearchParams): number {
  return PANEL_FIELDS.filter(({ name }) => params[name] !== '').length;
}
