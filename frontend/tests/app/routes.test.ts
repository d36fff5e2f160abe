import { expect, it } from 'vitest';
import { parseRoute } from '../../src/app/routes';
// The CDN's function and nginx are held to the same examples (tests/infra/test_page_paths.py).
import EXAMPLES from './path-examples.json';

it.each(Object.entries(EXAMPLES))('%s', (path, name) => {
  expect(parseRoute(path).name).toBe(name);
});

it.each(['/p/1KXJ7Q0M3V8YA', '/p/1KXJ7Q0M3V8YA/', '/picture/1KXJ7Q0M3V8YA'])(
  'the id of a picture: %s',
  (path) => {
    expect(parseRoute(path)).toEqual({ name: 'picture', id: '1KXJ7Q0M3V8YA' });
  },
);

it('other pages have no id', () => {
  expect(parseRoute('/by/7')).toEqual({ name: 'search' });
});
