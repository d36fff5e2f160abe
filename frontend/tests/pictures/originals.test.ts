import { expect, it } from 'vitest';
import { isOriginalOffered } from '../../src/pictures/originals';

it.each([
  ['owner', 'CC0-1.0', false],
  ['license', 'CC-BY-NC-4.0', true],
  ['license', 'all-rights-reserved', false],
  ['everybody', 'all-rights-reserved', true],
] as const)(
  'an original is offered by the setting %s and the licence %s: %s',
  (originals, license, expected) => {
    expect(isOriginalOffered({ originals }, { license })).toBe(expected);
  },
);
