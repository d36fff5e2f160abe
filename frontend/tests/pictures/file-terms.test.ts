import { describe, expect, it } from 'vitest';
import { describeFileTerms } from '../../src/pictures/file-terms';
import { createImage } from '../fixtures';

const RESERVED = '© 2016 Tony Webster. All rights reserved.';

function describeTerms(more: object): string {
  return describeFileTerms({ ...createImage('A'), license: 'CC-BY-4.0', owner: 'Anna Archive', ...more });
}

describe('what a file says against the licence', () => {
  it('is quoted, with the licence that the contributor has chosen', () => {
    expect(describeTerms({ usage_terms: RESERVED, filled: ['usage_terms'] })).toBe(
      `The file itself says “${RESERVED}” The contributor, Anna Archive, has published it under CC BY 4.0; if in doubt, ask.`,
    );
    expect(describeTerms({ copyright: `${RESERVED}`, filled: ['copyright'], owner: '' })).toBe(
      `The file itself says “${RESERVED}” The contributor has published it under CC BY 4.0; if in doubt, ask.`,
    );
  });

  it('is quoted once where the copyright and the usage terms say the same, and both where they do not', () => {
    const filled = ['usage_terms', 'copyright'];
    expect(describeTerms({ usage_terms: RESERVED, copyright: RESERVED, filled })).toContain(
      `says “${RESERVED}” The`,
    );
    expect(describeTerms({ usage_terms: 'Editorial use only', copyright: RESERVED, filled })).toContain(
      `says “${RESERVED} Editorial use only”. The`,
    );
  });

  it('is cut where it is long', () => {
    const terms = describeTerms({ usage_terms: 'No use. '.repeat(100), filled: ['usage_terms'] });
    expect(terms).toContain('No use.…” The contributor');
    expect(terms.length).toBeLessThan(350);
  });
});

it.each([
  ['the contributor has written the terms', { usage_terms: RESERVED, filled: [] }],
  [
    'all rights are reserved',
    { license: 'all-rights-reserved', usage_terms: RESERVED, filled: ['usage_terms'] },
  ],
  ['a copyright reserves nothing', { copyright: '© 2016 Tony Webster', filled: ['copyright'] }],
  ['the file names the same licence', { usage_terms: 'Licensed CC BY 4.0', filled: ['usage_terms'] }],
  [
    'the file names it in full',
    {
      license: 'CC-BY-NC-SA-4.0',
      usage_terms: 'Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International',
      filled: ['usage_terms'],
    },
  ],
  [
    'the file gives its address',
    { usage_terms: 'See https://creativecommons.org/licenses/by/4.0/', filled: ['usage_terms'] },
  ],
  ['the licence is the file’s', { usage_terms: 'Name me.', filled: ['usage_terms', 'license'] }],
])('says nothing where %s', (_, more) => {
  expect(describeTerms(more)).toBe('');
});

it('says so where the file names another licence of the same family', () => {
  const terms = describeTerms({ usage_terms: 'CC BY-NC 4.0', filled: ['usage_terms'] });
  expect(terms).toContain('“CC BY-NC 4.0”. The contributor, Anna Archive,');
});
