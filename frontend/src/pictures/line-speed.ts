/**
 * Bytes a ms below which a screen of sharp pictures, a megabyte on a phone, takes some seconds. The small renditions of the
 * same pictures have a tenth of the bytes.
 */
const SLOW = 400;

/** Whether the line on which these files came is slow; null where none of them came over the network. */
export function isSlowLine(urls: readonly string[]): boolean | null {
  const files = urls
    .flatMap((url) => performance.getEntriesByName(url) as PerformanceResourceTiming[])
    .filter(({ transferSize }) => transferSize > 0);
  if (files.length === 0) return null;
  const bytes = files.reduce((sum, { transferSize }) => sum + transferSize, 0);
  // The files share the line, which waits for the server, and for the page, in between.
  let busy = 0;
  let until = 0;
  for (const { responseStart, responseEnd } of files.sort((a, b) => a.responseStart - b.responseStart)) {
    busy += Math.max(0, responseEnd - Math.max(responseStart, until));
    until = Math.max(until, responseEnd);
  }
  return bytes < SLOW * busy;
}
