export type QueryValue = string | number | boolean | readonly string[] | undefined | null;

/**
 * A query string that begins with `?`, or an empty text. Empty values are left out. Names and repeated values are
 * sorted, so that equal searches have equal URLs and the CDN stores one answer for them.
 */
export function buildQueryString(query: Readonly<Record<string, QueryValue>>): string {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? [...(value as readonly string[])].sort() : [value];
    for (const one of values) {
      if (one !== undefined && one !== null && one !== '') pairs.push([name, String(one)]);
    }
  }
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = new URLSearchParams(pairs).toString();
  return text === '' ? '' : `?${text}`;
}
