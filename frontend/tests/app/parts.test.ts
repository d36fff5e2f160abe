import { describe, expect, it } from 'vitest';
import { formatBytes, formatSeconds } from '../../src/app/format';
import { licenseName, licenseUrl } from '../../src/app/licenses';
import { routeOf } from '../../src/app/routes';
import { claimsOf, tokenIn } from '../../src/app/token';

const encode = (value: unknown): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
const TOKEN = `${encode({ alg: 'RS256' })}.${encode({ sub: 'alice', name: 'Zoë', scope: 'upload admin', exp: 1_800_000_000 })}.sig`;

describe('routeOf', () => {
  it.each([
    ['/', { name: 'search' }],
    ['/upload', { name: 'upload' }],
    ['/uploads/', { name: 'uploads' }],
    ['/signin', { name: 'signin' }],
    ['/picture/1KXJ7Q0M3V8YA', { name: 'picture', id: '1KXJ7Q0M3V8YA' }],
    ['/picture/', { name: 'missing' }],
    ['/picture/a/b', { name: 'missing' }],
    ['/nowhere', { name: 'missing' }],
  ])('%s', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });
});

describe('sign-in tokens', () => {
  it('say who somebody is and for how long', () => {
    expect(claimsOf(TOKEN)).toEqual({
      subject: 'alice',
      name: 'Zoë',
      scopes: ['upload', 'admin'],
      expires: 1_800_000_000,
    });
  });

  it('are found in a link, in a fragment and bare', () => {
    for (const text of [`https://x.test/upload#token=${TOKEN}`, `#token=${TOKEN}`, ` ${TOKEN} `])
      expect(tokenIn(text)).toBe(TOKEN);
  });

  it.each(['', 'hello', '#token=', 'a.b.c', `${encode({})}.${encode({ sub: 'x' })}.s`])(
    'are not found in %j',
    (text) => {
      expect(tokenIn(text)).toBeNull();
    },
  );
});

describe('formats', () => {
  it('bytes', () => {
    expect([0, 999, 1024, 1536, 50 * 2 ** 20, 3 * 2 ** 30].map(formatBytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1 KiB',
      '1.5 KiB',
      '50 MiB',
      '3 GiB',
    ]);
  });

  it('durations', () => {
    expect([0.2, 42, 180, 3900].map(formatSeconds)).toEqual(['1 s', '42 s', '3 min', '1 h 5 min']);
  });
});

describe('licences', () => {
  it('have names and texts', () => {
    expect(licenseName('CC-BY-NC-SA-4.0')).toBe('CC BY-NC-SA 4.0');
    expect(licenseUrl('CC-BY-SA-3.0')).toBe('https://creativecommons.org/licenses/by-sa/3.0/');
    expect(licenseName('all-rights-reserved')).toBe('All rights reserved');
    expect(licenseUrl('all-rights-reserved')).toBeNull();
  });
});
