import { describe, expect, it } from 'vitest';
import {
  EMPTY_PARAMS,
  buildFeedQuery,
  buildQuery,
  buildSearchUrl,
  findContributorId,
  getSort,
  hasWords,
  isEmptySearch,
  isSameSearch,
  parseAddress,
  parseParams,
  parseSearchUrl,
} from '../../src/search/params';

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
    expect(isSameSearch(parseSearchUrl(buildSearchUrl(params)), params)).toBe(true);
    const ofOne = { ...params, owner: 'id:7' };
    expect(isSameSearch(parseSearchUrl(buildSearchUrl(ofOne)), ofOne)).toBe(true);
    expect(parseSearchUrl('/by/7')).toEqual({ ...EMPTY_PARAMS, owner: 'id:7' });
  });

  it('leave out what the API would refuse', () => {
    expect(parseParams('?from=yesterday&sort=best&orientation=round')).toEqual(EMPTY_PARAMS);
    expect(parseParams('?sort=toString&tags=none')).toEqual(EMPTY_PARAMS);
    expect(buildQuery({ ...EMPTY_PARAMS, q: '  ' })).toEqual({});
    expect(isEmptySearch({ ...EMPTY_PARAMS, q: ' ' })).toBe(true);
  });

  it('ask for related words, also in a feed', () => {
    const params = parseParams('?q=animal&expand=related');
    expect(buildSearchUrl(params)).toBe('/?expand=related&q=animal');
    expect(buildQuery(params)).toEqual({ q: 'animal', expand: 'related', sort: 'relevance' });
    expect(buildFeedQuery(params)).toEqual({ q: 'animal', expand: 'related' });
    expect(parseParams('?expand=all')).toEqual(EMPTY_PARAMS);
    expect(parseParams('?expand=completions')).toEqual(EMPTY_PARAMS);
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

  it('have the one contributor in the path', () => {
    const params = parseAddress('/by/7', '?q=sea');
    expect(params).toEqual({ ...EMPTY_PARAMS, q: 'sea', owner: 'id:7' });
    expect(buildSearchUrl(params)).toBe('/by/7?q=sea');
    expect(buildSearchUrl({ owner: 'id:7' })).toBe('/by/7');
    expect(buildQuery(parseAddress('/by/7/', ''))).toEqual({ owner: 'id:7' });
    expect(findContributorId(params)).toBe('7');
    expect(findContributorId(parseParams('?owner=Ann'))).toBeNull();
    expect(parseAddress('/', '?tag=a&tag=b&tags=all')).toMatchObject({ tag: ['a', 'b'], tags: 'all' });
  });
});

describe('the order', () => {
  it.each([
    ['sea', true],
    ['#sea lake', true],
    ['desc:"old town"', true],
    ['"golden gate"', true],
    ['', false],
    [' #sea -boat -"old town" date:2016 by:"Ann Olafs" tags:a,b taken:2016', false],
  ])('of %s has words: %s', (q, expected) => {
    expect(hasWords(q)).toBe(expected);
  });

  it('is by the best match where there are words, unless somebody chose the newest', () => {
    expect(getSort({ q: 'sea', sort: '' })).toBe('relevance');
    expect(getSort({ q: 'sea', sort: 'newest' })).toBe('newest');
    expect(getSort({ q: '#sea', sort: 'relevance' })).toBe('newest');
    expect(buildQuery({ ...EMPTY_PARAMS, q: 'sea' })).toEqual({ q: 'sea', sort: 'relevance' });
    expect(buildQuery({ ...EMPTY_PARAMS, q: 'sea', sort: 'newest' })).toEqual({ q: 'sea' });
  });

  it('of a feed is by time', () => {
    expect(buildFeedQuery({ ...EMPTY_PARAMS, q: 'sea', sort: 'relevance' })).toEqual({ q: 'sea' });
  });
});
