/** Photos that another application has shared with this page: the service worker has put them aside (offline/worker.js). */

const CACHE = 'shared';

/** The photos that were put aside; they are no longer. */
export async function takeSharedFiles(
  storage: CacheStorage | undefined = globalThis.caches,
): Promise<File[]> {
  if (storage === undefined || !(await storage.has(CACHE))) return [];
  const cache = await storage.open(CACHE);
  const answers = await Promise.all((await cache.keys()).map((key) => cache.match(key)));
  const files = await Promise.all(answers.filter((answer) => answer !== undefined).map(readFile));
  await storage.delete(CACHE);
  return files;
}

async function readFile(answer: Response): Promise<File> {
  const { headers } = answer;
  return new File([await answer.blob()], decodeURIComponent(headers.get('X-Name') ?? 'photo'), {
    type: headers.get('Content-Type') ?? '',
    lastModified: Number(headers.get('X-Modified')),
  });
}
