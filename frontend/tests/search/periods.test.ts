import { expect, it } from 'vitest';
import { formatDate } from '../../src/app/format';
import { formatPeriod, listAddedRanges, listTakenPeriods } from '../../src/search/periods';

const NOW = Date.UTC(2026, 2, 3, 1);

it('lists the days from which on pictures were added', () => {
  expect(listAddedRanges(NOW).map(({ from }) => from)).toEqual(['2026-02-25', '2026-03-01', '2026-01-01']);
});

it('lists the times in which pictures were taken', () => {
  expect(listTakenPeriods(NOW).map(({ value }) => value)).toEqual(['2026-03', '2026', '2025']);
});

it('names a day, a month, a year, and nothing else', () => {
  expect(formatPeriod('2016-05-20')).toBe(formatDate('2016-05-20'));
  expect(formatPeriod('2016-05')).toContain('2016');
  expect(formatPeriod('2016-05')).not.toBe('2016-05');
  for (const text of ['2016', '2016-13', 'x']) expect(formatPeriod(text)).toBe(text);
});
