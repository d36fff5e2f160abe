import { expect, it } from 'vitest';
import { formatCount, formatDate, formatDateTime } from '../../src/app/format';

it('formats counts', () => {
  expect(formatCount(1, 'photo')).toBe('1 photo');
  expect(formatCount(2, 'photo')).toBe('2 photos');
});

it('leaves a text that is no time as it is', () => {
  expect(formatDate('2026-05-01')).toContain('2026');
  expect([formatDate('soon'), formatDateTime('soon')]).toEqual(['soon', 'soon']);
});
