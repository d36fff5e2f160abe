import { describe, expect, it } from 'vitest';
import { decodeClaims, isSamePerson } from '../../src/app/token';
import { createToken } from '../fixtures';

const TOKEN = createToken({ iss: 'here', sub: 'alice', exp: 1 });

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
