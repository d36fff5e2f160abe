// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { takeLinkFromAddress } from '../../src/app/opened-link';
import { createToken } from '../fixtures';

it.each([
  ['/upload?x=1', '/upload?x=1'],
  [`${location.origin}//elsewhere.test/x`, '/elsewhere.test/x'],
])('moves the token out of the address %s, which leads nowhere else', (address, expected) => {
  const link = `#token=${createToken({ sub: 'alice' })}`;
  history.replaceState(null, '', address + link);
  expect(takeLinkFromAddress()).toBe(link);
  expect(location.href).toBe(location.origin + expected);
});

it('leaves another fragment alone', () => {
  history.replaceState(null, '', '/upload#content');
  expect(takeLinkFromAddress()).toBeNull();
  expect(location.hash).toBe('#content');
});
