import { expect, it } from 'vitest';
import { listAddedRanges, listTakenPeriods } from '../../src/search/periods';

const NOW = Date.UTC(2026, 2, 3, 1);

it('lists the days from which on pictures were added', () => {
  expect(listAddedRanges(NOW).map(({ from }) => from)).toEqual(['2026-02-25', '2026-03-01', '2026-01-01']);
});

it('lists the times in which pictures were taken', () => {
  expect(listTakenPeriods(NOW).map(({ value }) => value)).toEqual(['2026-03', '2026', '2025']);
});
