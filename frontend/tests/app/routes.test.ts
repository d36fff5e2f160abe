import { expect, it } from 'vitest';
import { parseRoute } from '../../src/app/routes';

it.each([
  ['/', { name: 'search' }],
  ['/by/7', { name: 'search' }],
  ['/by/7/', { name: 'search' }],
  ['/by/ann', { name: 'missing' }],
  ['/upload', { name: 'upload' }],
  ['/uploads/', { name: 'uploads' }],
  ['/signin', { name: 'signin' }],
  ['/signin/https-id.example/answer', { name: 'signin' }],
  ['/signin/other', { name: 'missing' }],
  ['/p/1KXJ7Q0M3V8YA', { name: 'picture', id: '1KXJ7Q0M3V8YA' }],
  ['/p/1KXJ7Q0M3V8YA/', { name: 'picture', id: '1KXJ7Q0M3V8YA' }],
  ['/p/', { name: 'missing' }],
  ['/p/a/b', { name: 'missing' }],
  ['/picture/1KXJ7Q0M3V8YA', { name: 'picture', id: '1KXJ7Q0M3V8YA' }],
  ['/picture/', { name: 'missing' }],
  ['/picture/a/b', { name: 'missing' }],
  ['/admin', { name: 'admin' }],
  ['/nowhere', { name: 'missing' }],
])('%s', (path, route) => {
  expect(parseRoute(path)).toEqual(route);
});
