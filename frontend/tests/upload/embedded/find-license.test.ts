import { expect, it } from 'vitest';
import { findLicense } from '../../../src/upload/embedded/find-license';

const LICENSES = ['all-rights-reserved', 'CC0-1.0', 'CC-BY-4.0', 'CC-BY-NC-SA-4.0', 'CC-BY-3.0', 'PDDL-1.0'];

it.each([
  ['https://creativecommons.org/licenses/by/4.0/', 'CC-BY-4.0'],
  ['http://www.creativecommons.org/licenses/BY-NC-SA/4.0', 'CC-BY-NC-SA-4.0'],
  ['https://creativecommons.org/licenses/by/3.0/legalcode.de', 'CC-BY-3.0'],
  ['https://creativecommons.org/publicdomain/zero/1.0/deed.en', 'CC0-1.0'],
  ['https://opendatacommons.org/licenses/pddl/1-0/', 'PDDL-1.0'],
  // One that was ported to a country is another one, and so is one that this library does not have.
  ['https://creativecommons.org/licenses/by/3.0/de/', ''],
  ['https://creativecommons.org/licenses/by-nd/4.0/', ''],
  ['https://example.org/rights', ''],
  ['', ''],
])('finds the licence at %s', (address, license) => {
  expect(findLicense(address, LICENSES)).toBe(license);
});
