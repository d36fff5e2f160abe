import { expect, it } from 'vitest';
import { buildLogUrl, parseLogFilter, type LogFilter } from '../../../src/manage/log/address';

it.each<LogFilter>([
  { image: '', by: '', action: '' },
  { image: 'a', by: '12', action: 'take-down' },
])('comes back from the address', (filter) => {
  const [path, queryString] = buildLogUrl(filter).split('?');
  expect(path).toBe('/admin');
  expect(new URLSearchParams(queryString).get('view')).toBe('log');
  expect(parseLogFilter(queryString ?? '')).toEqual(filter);
});

it('has no action that there is not', () => {
  expect(parseLogFilter('view=log&action=constructor')).toEqual({ image: '', by: '', action: '' });
});
