import { expect, it } from 'vitest';
import { parseParams } from '../../src/search/params';
import { findTypedFilters } from '../../src/search/typed-filters';
import { findTypedPeriod } from '../../src/search/typed-periods';

/** A Tuesday. */
const NOW = Date.UTC(2026, 11, 1, 17);
const find = (q: string, more = ''): string[] | null => {
  const found = findTypedPeriod(parseParams(`${new URLSearchParams({ q })}${more}`), NOW);
  if (found === null) return null;
  const { taken, added } = found;
  expect(taken === null || added === null || taken.q === added.q).toBe(true);
  return [(added ?? taken)?.q ?? '', taken?.taken ?? '', added?.from ?? '', added?.to ?? ''];
};

it.each([
  ['2026', '', '2026', '2026-01-01', '2026-12-31'],
  ['Berlin 2008 wall', 'Berlin wall', '2008', '2008-01-01', '2008-12-31'],
  ['december 2026', '', '2026-12', '2026-12-01', '2026-12-31'],
  ['dog in February 2024', 'dog', '2024-02', '2024-02-01', '2024-02-29'],
  ['2024 Feb. dog', 'dog', '2024-02', '2024-02-01', '2024-02-29'],
  ['Hund im März 2025', 'Hund', '2025-03', '2025-03-01', '2025-03-31'],
  ['Okt. 2025', '', '2025-10', '2025-10-01', '2025-10-31'],
  ['2026-12-01', '', '2026-12-01', '2026-12-01', '2026-12-01'],
  ['1.12.2026 fog', 'fog', '2026-12-01', '2026-12-01', '2026-12-01'],
  ['fog vom 09.1.2025', 'fog', '2025-01-09', '2025-01-09', '2025-01-09'],
  ['11/2025 fog', 'fog', '2025-11', '2025-11-01', '2025-11-30'],
  ['2025-11 fog', 'fog', '2025-11', '2025-11-01', '2025-11-30'],
  ['this month', '', '2026-12', '2026-12-01', '2026-12-31'],
  ['letzten Monat', '', '2026-11', '2026-11-01', '2026-11-30'],
  ['this year', '', '2026', '2026-01-01', '2026-12-31'],
  ['dog letztes Jahr', 'dog', '2025', '2025-01-01', '2025-12-31'],
  ['today', '', '2026-12-01', '2026-12-01', '2026-12-01'],
  ['gestern', '', '2026-11-30', '2026-11-30', '2026-11-30'],
  ['last week dog', 'dog', '', '2026-11-23', '2026-11-29'],
  ['diese Woche', '', '', '2026-11-30', '2026-12-06'],
])('reads a period in “%s”', (q, ...period) => {
  expect(find(q)).toEqual(period);
});

it.each([
  'may',
  'march',
  '4K',
  '12345',
  '2126',
  '-2026',
  'taken:2026',
  '"2026"',
  '"this month" dog',
  '13/2025',
  '2026-02-30',
  '31.4.2026',
  '0.4.2026',
  '2026-13-01',
  'week',
])('leaves “%s” alone', (q) => {
  expect(find(q)).toBeNull();
});

it.each([
  'before 2020',
  'vor 2020',
  'dog since  2020',
  'seit Mai 2020',
  'ohne 2024',
  'not today',
  '2019 bis 2021',
  'from 2019 to 2021',
  '2019 - 2021',
  '24 December 2025',
  '24. Dezember 2025',
  'December 24, 2025',
  'March 3rd 2025',
])('offers no part of what “%s” asks for', (q) => {
  expect(find(q)).toBeNull();
});

it.each(['blade runner 2049', '2027', 'January 2027', '2.12.2026', '2026-12-02'])(
  'offers none of the future in “%s”',
  (q) => {
    expect(find(q)).toBeNull();
  },
);

it.each([
  ['1969 mustang', 'mustang', '1969'],
  ['Dezember 1999', '', '1999-12'],
  ['1850', '', '1850'],
])('offers only what was taken of “%s”, when no library can have been there', (q, rest, taken) => {
  expect(find(q)).toEqual([rest, taken, '', '']);
});

it('offers a period that has begun behind one of the future', () => {
  expect(find('blade runner 2049 2025')).toEqual(['blade runner 2049', '2025', '2025-01-01', '2025-12-31']);
});

it.each(['&taken=2025', '&from=2025-01-01', '&to=2025-01-01'])('offers none beside %s', (more) => {
  expect(find('2026', more)).toBeNull();
});

it('offers when pictures were taken and when they were added, behind other filters', () => {
  const found = findTypedFilters(parseParams('q=red+dog+November+2026'), NOW);
  expect(found.map(({ label }) => label)).toEqual(['red', 'taken November 2026', 'added November 2026']);
  expect(found.at(-1)?.params.q).toBe('red dog');
});
