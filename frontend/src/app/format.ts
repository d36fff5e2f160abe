import { findForm, locale, t } from './texts';

const UNITS = [t`bytes`, 'kB', 'MB', 'GB', 'TB'] as const;

/**
 * Bytes, with three digits at most: 940 bytes, 1.2 MB, 50 MB. A kB has 1024 bytes here, as in most file managers: the limits
 * are set in these units.
 */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toLocaleString(locale, { maximumFractionDigits: digits })} ${UNITS[unit] ?? ''}`;
}

/** “24 megapixels”. */
export function formatMegapixels(pixels: number): string {
  return `${Math.round(pixels / 1e6)} megapixels`;
}

/** “42 s”, “3 min”, “1 h 5 min”. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  return `${Math.floor(minutes / 60)}\u00a0h ${minutes % 60}\u00a0min`;
}

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
