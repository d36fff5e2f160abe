/** The file of each picture that the browser has loaded last, and so still has: what can be shown at once. */
const urls = new Map<string, string>();

export function noteLoaded(id: string, url: string): void {
  if (url !== '') urls.set(id, url);
}

/** URL of a file of the picture that has been loaded; null when none has. */
export function findLoaded(id: string): string | null {
  return urls.get(id) ?? null;
}
