/** The renditions of a picture: their sizes in pixels, and the files a browser can choose from. */
import type { Image } from '../api/types';

export type RenditionName = '240p' | '720p';

export interface Source {
  type: string;
  url: string;
}

/** Formats beside JPEG, the smallest files first: a browser takes the first one that it can show. */
const ALTERNATIVE_FORMATS = ['avif', 'webp'] as const;

/** The `<source>` elements of a rendition. The `<img>` itself shows the JPEG. */
export function listSources(urls: Image['urls'], rendition: RenditionName): Source[] {
  return ALTERNATIVE_FORMATS.flatMap((format) => {
    const url = urls[`${rendition}.${format}`];
    return url === undefined ? [] : [{ type: `image/${format}`, url }];
  });
}

/** Size of a rendition in pixels. "720p" means 720 pixels high at most: a smaller picture is never enlarged. */
export function computeSize(
  image: Pick<Image, 'width' | 'height'>,
  rendition: RenditionName,
): { width: number; height: number } {
  const height = Math.min(Number.parseInt(rendition, 10), image.height);
  return { width: Math.max(1, Math.round((image.width * height) / Math.max(1, image.height))), height };
}

/** Fetches the 720p file that `<picture>` will show, so that the browser's cache has it. */
export function prefetchPicture(image: Image): void {
  const picture = document.createElement('picture');
  for (const { type, url } of listSources(image.urls, '720p')) {
    const source = document.createElement('source');
    source.type = type;
    source.srcset = url;
    picture.append(source);
  }
  const img = document.createElement('img');
  picture.append(img);
  img.src = image.urls['720p'];
}
