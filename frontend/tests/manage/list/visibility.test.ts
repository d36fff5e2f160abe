import { expect, it } from 'vitest';
import { getVisibility, isHidden } from '../../../src/manage/list/visibility';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const BEFORE = '2026-06-01T11:59:59Z';
const SOON = '2026-06-20T12:00:00Z';
const LATER = '2027-06-01T12:00:00Z';

it.each([
  [null, null, 'visible', false],
  [BEFORE, null, 'visible', false],
  [BEFORE, LATER, 'visible', false],
  [null, SOON, 'expiring', false],
  [SOON, LATER, 'embargoed', true],
  [LATER, SOON, 'embargoed', true],
  [null, BEFORE, 'expired', true],
  [LATER, BEFORE, 'expired', true],
] as const)('a picture with the embargo %s that expires at %s is %s', (embargo, expires, name, hidden) => {
  expect(getVisibility({ embargo, expires }, NOW).name).toBe(name);
  expect(isHidden({ embargo, expires }, NOW)).toBe(hidden);
});

it('hides a picture from the very moment on when it expires, and shows it from the end of its embargo on', () => {
  const now = '2026-06-01T12:00:00Z';
  expect(isHidden({ embargo: null, expires: now }, NOW)).toBe(true);
  expect(isHidden({ embargo: now, expires: null }, NOW)).toBe(false);
});
