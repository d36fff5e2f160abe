import { findForm, locale } from './texts';

/** An RFC 3339 time as a day in the reader's language. A text that is no time stays as it is. */
export function formatDate(rfc3339: string): string {
  const date = new Date(rfc3339);
  return Number.isNaN(date.getTime()) ? rfc3339 : date.toLocaleDateString(locale, { dateStyle: 'long' });
}

/** An RFC 3339 time as a day and a time of day in the reader's language and time zone. */
export function formatDateTime(rfc3339: string): string {
  const date = new Date(rfc3339);
  if (Number.isNaN(date.getTime())) return rfc3339;
  return date.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });
}

/** “1 picture”, “1,200 pictures”. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString(locale)} ${pluralize(count, singular, plural)}`;
}

/** The text for this number: “# photo is kept.”, “# photos are kept.”, with the number in the place of the “#”. */
export function pluralize(count: number, singular: string, plural: string): string {
  const form = findForm(singular, count) ?? (count === 1 ? singular : plural);
  return form.replace('#', count.toLocaleString(locale));
}

/** A text that keeps its direction to itself, by the isolates of Unicode (UAX #9): what stands around it stays in place. */
export function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}
