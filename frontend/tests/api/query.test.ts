import { describe, expect, it } from 'vitest';
import { buildQueryString } from '../../src/api/query';

describe('buildQueryString', () => {
  it('leaves out what is empty', () => {
    expect(buildQueryString({ b: '', a: null, c: undefined, d: 0 })).toBe('?d=0');
    expect(buildQueryString({})).toBe('');
  });

  it('sorts names and repeated values', () => {
    expect(buildQueryString({ tag: ['b', 'a'], q: 'x y' })).toBe('?q=x+y&tag=a&tag=b');
  });
});
