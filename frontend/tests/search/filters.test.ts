import { describe, expect, it } from 'vitest';
import API from '../../../stockroom/api/openapi.json';
import { formatDate } from '../../src/app/format';
import { PANEL_FIELDS, countPanelFilters, listActiveFilters } from '../../src/search/filters';
import { EMPTY_PARAMS, buildQuery, parseParams } from '../../src/search/params';
import type { FilterName } from '../../src/search/search-params';

/** A value of each filter, and the label of its chip. A new filter fails the type check until it is here. */
const EXAMPLES: Readonly<Record<FilterName, [value: string, label: string]>> = {
  owner: ['Ann', 'by Ann'],
  by: ['Ann', 'made by Ann'],
  camera: ['Canon', 'camera Canon'],
  place: ['Rome', 'in Rome'],
  taken: ['2016', 'taken 2016'],
  from: ['2026-01-01', `added from ${formatDate('2026-01-01')}`],
  to: ['2026-02-03', `added to ${formatDate('2026-02-03')}`],
  orientation: ['square', 'square'],
  license: ['CC0-1.0', 'CC0 1.0 (public domain)'],
  color: ['red', 'red'],
};
const values = Object.entries(EXAMPLES).map(([name, [value]]) => [name, value]);
const ALL = parseParams(`?q=x&tag=sea&tag=dog&${new URLSearchParams(values)}`);

describe('listActiveFilters', () => {
  it('names everything that narrows the results, and nothing else', () => {
    const labels = listActiveFilters(ALL).map(({ label }) => label);
    expect(labels).toHaveLength(2 + values.length);
    expect(labels.sort()).toEqual(
      ['#sea', '#dog', ...Object.values(EXAMPLES).map(([, label]) => label)].sort(),
    );
    // A contributor's name stands above the results.
    expect(listActiveFilters({ ...EMPTY_PARAMS, license: 'free' })[0]?.label).toBe('Free to use');
    expect(listActiveFilters({ ...EMPTY_PARAMS, q: 'x', sort: 'newest', owner: 'id:7' })).toEqual([]);
  });

  it('removes one filter at a time', () => {
    for (const { without } of listActiveFilters(ALL)) {
      const [name] = Object.keys(without);
      const query = buildQuery({ ...ALL, ...without });
      const all = Object.keys(buildQuery(ALL)).length;
      expect(Object.keys(query).length).toBe(name === 'tag' ? all : all - 1);
    }
    expect(listActiveFilters(ALL)[0]?.without).toEqual({ tag: ['dog'] });
  });
});

describe('countPanelFilters', () => {
  it('counts the filters that have a field', () => {
    expect(countPanelFilters(ALL)).toBe(PANEL_FIELDS.length);
    expect(countPanelFilters(EMPTY_PARAMS)).toBe(0);
  });
});

it('has a field for every filter but those of words, which links and the query set', () => {
  const fields = PANEL_FIELDS.map(({ name }) => name);
  expect(Object.keys(EXAMPLES).filter((name) => !fields.includes(name as FilterName))).toEqual([
    'owner',
    'by',
    'camera',
    'place',
  ]);
});

it('offers the values that the document of the API lists, all of them', () => {
  const listed = API.paths['/api/images'].get.parameters.flatMap(({ name, schema }) =>
    // These are no filters: two have fields of their own, and links set the third.
    'enum' in schema && !['sort', 'tags', 'expand'].includes(name) ? [[name, schema.enum] as const] : [],
  );
  const offered = PANEL_FIELDS.flatMap(({ name, control }) =>
    control.kind === 'choice' ? [[name, control.values] as const] : [],
  );
  expect(Object.fromEntries(offered)).toEqual(Object.fromEntries(listed));
});

it('takes none but the listed values from an address: the API would refuse any other', () => {
  const names = API.paths['/api/images'].get.parameters.flatMap(({ name, schema }) =>
    'enum' in schema && name in EXAMPLES ? [name as FilterName] : [],
  );
  expect(names).not.toEqual([]);
  for (const name of names) {
    expect(parseParams(`?${name}=${EXAMPLES[name][0]}`)[name], name).toBe(EXAMPLES[name][0]);
    expect(parseParams(`?${name}=none-of-the-choices`)[name], name).toBe('');
  }
});

it('labels every choice that a filter offers', () => {
  for (const { name, control } of PANEL_FIELDS) {
    if (control.kind !== 'choice') continue;
    const labels = control.values.map((value) => control.formatValue(value));
    expect(new Set(labels).size, name).toBe(control.values.length);
    expect(labels.every(Boolean), name).toBe(true);
  }
});
