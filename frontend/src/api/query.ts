export type QueryValue = string | number | boolean | readonly string[] | undefined | null;

/**
 * A query string with its parameters sorted by name (and repeated values sorted too), so that the same
 * search is the same URL and the CDN keeps it once. Empty values are left out. Starts with `?` or is empty.
 */
export function queryString(query: Readonly<Record<string, QueryValue>>): string {
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
