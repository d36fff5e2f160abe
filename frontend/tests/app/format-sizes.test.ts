import { expect, it } from 'vitest';
import { formatBytes, formatMegapixels, formatSeconds } from '../../src/app/format-sizes';

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
