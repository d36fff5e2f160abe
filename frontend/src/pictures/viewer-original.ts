/** The original of a picture, for whoever zooms in so far in the viewer that the renditions have nothing more to show. */
import type { Image } from '../api/types';
import { importAgain } from '../app/import-again';
import { computeSize, getLargestRendition } from './renditions';

/** What every browser shows. An original may be animated, which no rendition is: a GIF stays the still picture. */
const SHOWN_TYPES: ReadonlySet<string> = new Set(['image/avif', 'image/jpeg', 'image/png', 'image/webp']);

/** A larger file is for those who ask for it. */
const MAX_BYTES = 25 * 1024 * 1024;

/** A phone needs four bytes of memory for each. */
const MAX_PIXELS = 50_000_000;

/** Whether the original has more to show than the renditions, and may be fetched without being asked for. */
export function isOriginalSharper(image: Pick<Image, 'urls' | 'width' | 'height'>): boolean {
  const { height } = computeSize(image, getLargestRendition(image.urls));
  return image.height > height && image.width * image.height <= MAX_PIXELS && !savesData();
}

/** Whether a file that the library hands out can be shown beside the renditions. */
export function isShowable({ type, size }: { type: string; size: number }): boolean {
  return SHOWN_TYPES.has(type) && size <= MAX_BYTES;
}

/** The original, ready to be drawn; null where a browser cannot show it or it is too large. Rejects without a connection. */
export async function loadOriginal({ id, width, height }: Image): Promise<HTMLImageElement | null> {
  const { contributorApi } = await importAgain(() => import('../app/contributor-api'));
  const link = await contributorApi.getOriginal(id, false);
  if (!isShowable(link)) return null;
  const original = Object.assign(document.createElement('img'), { src: link.url });
  await original.decode();
  // A browser that turns the file in another way than the library would show another picture.
  return original.naturalWidth === width && original.naturalHeight === height ? original : null;
}

function savesData(): boolean {
  // Not all browsers have this, and TypeScript knows it of none.
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true || matchMedia('(prefers-reduced-data: reduce)').matches;
}
