import { describe, expect, it } from 'vitest';
import { findToken } from '../../src/app/sign-in-link';
import { createToken } from '../fixtures';

const TOKEN = createToken({ iss: 'here', sub: 'alice', exp: 1 });
/** Whole, and signed as no token of this library is. */
const FOREIGN = `${btoa('{"alg":"ES256"}')}.${TOKEN.split('.')[1]}.${'s'.repeat(86)}`;

describe('findToken', () => {
  it.each([
    ['a link', `https://pictures.example/#token=${TOKEN}`],
    ['its fragment', `#token=${TOKEN}`],
    ['the token alone, with what is copied beside it', ` ${TOKEN}\n`],
  ])('finds the token in %s', (_, text) => {
    expect(findToken(text)).toBe(TOKEN);
  });

  it('finds a whole token that is not signed as those of this library, for the API to refuse', () => {
    expect(findToken(`https://pictures.example/#token=${FOREIGN}`)).toBe(FOREIGN);
    const [header, claims, signature] = FOREIGN.split('.');
    // Whatever it says, and however short its signature is.
    for (const other of [
      `${header}.${btoa('{"uid":7}')}.${signature}`,
      `${header}.${claims}.${'s'.repeat(20)}`,
    ]) {
      expect(findToken(other)).toBe(other);
    }
    expect(findToken(`${header}.${claims}.`)).toBeNull();
    expect(findToken(`${header}.${claims?.slice(0, -5)}.${signature}`)).toBeNull();
  });

  it.each(['.', ')', '>', '”', '%20', '&x=1', '"', '…'])('finds it with %j behind it', (end) => {
    expect(findToken(`https://pictures.example/#token=${TOKEN}${end}`)).toBe(TOKEN);
  });

  it('finds a whole one whatever it claims, for the API to refuse', () => {
    const other = createToken({ uid: 7 });
    expect(findToken(other)).toBe(other);
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
