import { expect, it } from 'vitest';
import { formatBytes, formatCount, formatDate, formatDateTime } from '../../src/app/format';
import { formatMegapixels, formatSeconds } from '../../src/app/format';

it('formats bytes', () => {
  expect([0, 999, 1024, 1536, 50 * 2 ** 20, 3 * 2 ** 30].map(formatBytes)).toEqual([
    '0 bytes',
    '999 bytes',
    '1 kB',
    '1.5 kB',
    '50 MB',
    '3 GB',
  ]);
});

it('formats megapixels', () => {
  expect(formatMegapixels(24_300_000)).toBe('24 megapixels');
});

it('formats seconds', () => {
  expect([0.2, 42, 180, 3900].map(formatSeconds)).toEqual([
    '1\u00a0s',
    '42\u00a0s',
    '3\u00a0min',
    '1\u00a0h 5\u00a0min',
  ]);
});

it('formats counts', () => {
  expect(formatCount(1, 'photo')).toBe('1 photo');
  expect(formatCount(2, 'photo')).toBe('2 photos');
});

it('leaves a text that is no time as it is', () => {
  expect(formatDate('2026-05-01')).toContain('2026');
  expect([formatDate('soon'), formatDateTime('soon')]).toEqual(['soon', 'soon']);
});
