import { describe, expect, it } from 'vitest';
import { decodeClaims, findToken, isSamePerson } from '../../src/app/token';
import { createToken } from '../fixtures';

const TOKEN = createToken({ iss: 'here', sub: 'alice', exp: 1 });

describe('findToken', () => {
  it.each([
    ['a link', `https://pictures.example/#token=${TOKEN}`],
    ['its fragment', `#token=${TOKEN}`],
    ['the token alone, with what is copied beside it', ` ${TOKEN}\n`],
  ])('finds the token in %s', (_, text) => {
    expect(findToken(text)).toBe(TOKEN);
  });

  it.each([
    ['no token', '#token=abc'],
    ['nothing', ''],
    ['a token without its end', TOKEN.slice(0, -1)],
    ['a token without a signature', TOKEN.split('.').slice(0, 2).join('.')],
    ['a token with something behind it', `${TOKEN}.more`],
  ])('finds none in %s', (_, text) => {
    expect(findToken(text)).toBeNull();
  });
});

describe('isSamePerson', () => {
  const ALICE = decodeClaims(TOKEN);

  it.each([
    [ALICE, true],
    [decodeClaims(createToken({ iss: 'here', sub: 'alice', exp: 2 })), true],
    [decodeClaims(createToken({ iss: 'elsewhere', sub: 'alice', exp: 1 })), false],
    [decodeClaims(createToken({ iss: 'here', sub: 'bob', exp: 1 })), false],
    [null, false],
  ])('compares who signs in, and by whom they are known', (other, expected) => {
    expect(isSamePerson(ALICE, other)).toBe(expected);
  });

  it('knows nobody by two missing tokens', () => {
    expect(isSamePerson(null, null)).toBe(false);
  });
});
