/** Photos that another application has shared with this page: the service worker has put them aside (offline/worker.js). */

const CACHE = 'shared';

/** Takes out of the cache the photos that were put aside, without those that another page takes at the same time. */
export async function takeSharedFiles(
  storage: CacheStorage | undefined = globalThis.caches,
): Promise<File[]> {
  if (storage === undefined || !(await storage.has(CACHE))) return [];
  const cache = await storage.open(CACHE);
  const taken = (await cache.keys()).map(async (key) => {
    const answer = await cache.match(key);
    const file = answer === undefined ? null : await readFile(answer);
    return file !== null && (await cache.delete(key)) ? [file] : [];
  });
  return (await Promise.all(taken)).flat();
}

async function readFile(answer: Response): Promise<File> {
  const { headers } = answer;
  return new File([await answer.blob()], decodeURIComponent(headers.get('X-Name') ?? 'photo'), {
    type: headers.get('Content-Type') ?? '',
    lastModified: Number(headers.get('X-Modified')),
  });
}
