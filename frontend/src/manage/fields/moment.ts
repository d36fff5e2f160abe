/** Moments in forms: `<input type="datetime-local">` has local time to the minute, the API has RFC 3339 in UTC. */

/** The text for a form; empty for null and for what is no time. */
export function formatMoment(rfc3339: string | null): string {
  const date = new Date(rfc3339 ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const pad = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** The moment for the API; null for an empty text. */
export function parseMoment(local: string): string | null {
  const date = new Date(local);
  return local === '' || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
