import { describe, expect, it } from 'vitest';
import { buildQuery, buildSearchUrl, isEmptySearch, isSameSearch } from '../../src/search/params';
import { EMPTY_PARAMS, parseParams } from '../../src/search/params';

describe('search parameters', () => {
  it('make the same URL whatever their order', () => {
    const a = parseParams('?tag=sea&q=old+town&tag=dog&from=2026-01-02&sort=newest');
    const b = parseParams('?sort=newest&tag=dog&from=2026-01-02&q=old+town&tag=sea');
    expect(buildSearchUrl(a)).toBe('/?from=2026-01-02&q=old+town&sort=newest&tag=dog&tag=sea');
    expect(isSameSearch(a, b)).toBe(true);
  });

  it('survive a round trip through the URL', () => {
    const params = {
      ...EMPTY_PARAMS,
      q: '"Größe & co" #a+b',
      tag: ['日本', 'sea'],
      to: '2026-02-03',
      color: 'red',
    };
    expect(isSameSearch(parseParams(buildSearchUrl(params).slice(1)), params)).toBe(true);
  });

  it('leave out what the API would refuse', () => {
    expect(parseParams('?from=yesterday&sort=best&orientation=round')).toEqual(EMPTY_PARAMS);
    expect(parseParams('?sort=toString')).toEqual(EMPTY_PARAMS);
    expect(buildQuery({ ...EMPTY_PARAMS, q: '  ' })).toEqual({});
    expect(isEmptySearch({ ...EMPTY_PARAMS, q: ' ' })).toBe(true);
  });

  it('make the URL of a tag', () => {
    expect(buildSearchUrl({ tag: ['c&a'] })).toBe('/?tag=c%26a');
  });

  it('make the URL of what one person has contributed', () => {
    expect(buildSearchUrl({ owner: 'Ann & Co' })).toBe('/?owner=Ann+%26+Co');
    expect(buildQuery(parseParams('?owner=Ann&sort=relevance&q=sea'))).toEqual({
      owner: 'Ann',
      sort: 'relevance',
      q: 'sea',
    });
    expect(isEmptySearch(parseParams('?owner=Ann'))).toBe(false);
  });
});
