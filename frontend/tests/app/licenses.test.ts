import { expect, it } from 'vitest';
import { formatLicense } from '../../src/app/licenses';

it('names licences as people know them', () => {
  expect(formatLicense('CC-BY-NC-SA-4.0')).toBe('CC BY-NC-SA 4.0');
  expect(formatLicense('all-rights-reserved')).toBe('All rights reserved');
  expect(formatLicense('PDDL-1.0')).toBe('PDDL 1.0 (public domain)');
});
