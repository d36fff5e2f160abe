import { expect, it } from 'vitest';
import { getLicenseUrl, parseTermsUrl } from '../../src/app/license-links';

it('knows where a licence has its text', () => {
  expect(getLicenseUrl('CC-BY-SA-3.0')).toBe('https://creativecommons.org/licenses/by-sa/3.0/');
  expect(getLicenseUrl('all-rights-reserved')).toBeNull();
});

it.each(['', 'on request', 'javascript:alert(1)', 'mailto:ann@example.org'])(
  'links no terms at “%s”',
  (text) => {
    expect(parseTermsUrl(text)).toBeNull();
  },
);

it('links terms on a page', () => {
  expect(parseTermsUrl('https://example.org/terms')?.host).toBe('example.org');
});
