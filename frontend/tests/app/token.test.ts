import { expect, it } from 'vitest';
import { decodeClaims, findToken } from '../../src/app/token';
import { createToken } from '../fixtures';

const TOKEN = createToken({
  iss: 'stockroom',
  sub: 'alice',
  name: 'Zoë',
  scope: 'upload admin',
  exp: 1_800_000_000,
});

it('decodes who somebody is and for how long', () => {
  expect(decodeClaims(TOKEN)).toEqual({
    issuer: 'stockroom',
    subject: 'alice',
    name: 'Zoë',
    scopes: ['upload', 'admin'],
    expires: 1_800_000_000,
  });
});

it('finds a token in a link, in a fragment and alone', () => {
  for (const text of [`https://x.test/upload#token=${TOKEN}`, `#token=${TOKEN}`, ` ${TOKEN} `]) {
    expect(findToken(text)).toBe(TOKEN);
  }
});

it.each(['', 'hello', '#token=', 'a.b.c', createToken({ sub: 'x' })])('finds none in %j', (text) => {
  expect(findToken(text)).toBeNull();
});
