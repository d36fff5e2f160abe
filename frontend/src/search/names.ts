/** Words of a query that no picture has, and that the API has read as names of contributors: it writes `by:` before them. */
const NAME = /(?<!\S)by:(\S+)/gi;

/** The words that were read as names, without the `by:` that somebody has typed. */
export function listAddedNames(query: string, corrected: string): string[] {
  const typed = [...query.matchAll(NAME)].map(([item]) => item);
  return [...corrected.matchAll(NAME)]
    .filter(([item]) => !typed.includes(item))
    .map(([, name]) => name ?? '');
}
