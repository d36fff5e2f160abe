import { describe, expect, it } from 'vitest';
import { PANEL_FIELDS, countPanelFilters, listActiveFilters } from '../../src/search/filters';
import { EMPTY_PARAMS, buildQuery, parseParams } from '../../src/search/params';

const ALL = parseParams(
  '?q=x&tag=sea&tag=dog&owner=Ann&from=2026-01-01&to=2026-02-03&orientation=square&license=CC0-1.0&sort=relevance&color=red',
);

describe('listActiveFilters', () => {
  it('names everything that narrows the results, and nothing else', () => {
    expect(listActiveFilters(ALL).map(({ label }) => label)).toEqual([
      '#sea',
      '#dog',
      'by Ann',
      expect.stringMatching(/^from .*2026/),
      expect.stringMatching(/^to .*2026/),
      'square',
      'CC0 1.0 (public domain)',
      'best match first',
      'red',
    ]);
    expect(listActiveFilters({ ...EMPTY_PARAMS, q: 'x', sort: 'newest' })).toEqual([]);
  });

  it('removes one filter at a time', () => {
    for (const { without } of listActiveFilters(ALL)) {
      const [name] = Object.keys(without);
      const query = buildQuery({ ...ALL, ...without });
      expect(Object.keys(query).length).toBe(name === 'tag' ? 9 : 8);
    }
    expect(listActiveFilters(ALL)[0]?.without).toEqual({ tag: ['dog'] });
  });
});

describe('countPanelFilters', () => {
  it('counts the filters that have a field', () => {
    expect(countPanelFilters(ALL)).toBe(5);
    expect(countPanelFilters(EMPTY_PARAMS)).toBe(0);
  });

  it('leaves out only the order', () => {
    const counted = PANEL_FIELDS.filter(
      ({ name }) => countPanelFilters({ ...EMPTY_PARAMS, [name]: 'x' }) === 1,
    );
    expect(counted).toEqual(PANEL_FIELDS.filter(({ name }) => name !== 'sort'));
  });
});
