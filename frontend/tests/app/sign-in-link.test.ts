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
    expect(findToken(FOREIGN.slice(0, -50))).toBeNull();
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
