import { expect, it } from 'vitest';
import { formatValue } from '../../../src/manage/fields/format-value';

it.each([
  ['tags', ['sea', 'sunset'], '#sea #sunset'],
  ['license', 'CC-BY-4.0', 'CC BY 4.0'],
  ['embargo', '2027-01-01T10:30', '2027-01-01, 10:30'],
  ['credit', 'Ann', 'Ann'],
  ['place', '', ''],
] as const)('writes %s', (name, value, text) => {
  expect(formatValue(name, typeof value === 'string' ? value : [...value])).toBe(text);
});
