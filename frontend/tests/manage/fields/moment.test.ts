import { expect, it } from 'vitest';
import { formatMoment, parseMoment } from '../../../src/manage/fields/moment';

it('brings a moment into a form and back, to the minute', () => {
  const moment = '2027-03-28T09:05:00.000Z';
  expect(formatMoment(moment)).toMatch(/^2027-03-\d\dT\d\d:\d5$/);
  expect(parseMoment(formatMoment(moment))).toBe(moment);
});

it.each([null, '', 'soon'])('shows nothing for %s', (text) => {
  expect(formatMoment(text)).toBe('');
});

it('has no moment for an empty field', () => {
  expect(parseMoment('')).toBeNull();
});
