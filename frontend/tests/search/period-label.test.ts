import { expect, it } from 'vitest';
import { formatDate } from '../../src/app/format';
import { formatPeriod } from '../../src/search/period-label';

it('names a day, a month, a year, and nothing else', () => {
  expect(formatPeriod('2016-05-20')).toBe(formatDate('2016-05-20'));
  expect(formatPeriod('2016-05')).toContain('2016');
  expect(formatPeriod('2016-05')).not.toBe('2016-05');
  for (const text of ['2016', '2016-13', 'x']) expect(formatPeriod(text)).toBe(text);
});
