/** The renditions of a picture: their sizes in pixels, and the files a browser can choose from. */
import type { Image } from '../api/types';

/** The renditions that every picture has. */
export type RenditionName = '240p' | '720p';

/** What a `<source>` or an `<img>` has. `srcset` names one file, or several with their widths. */
export interface Source {
  type: string;
  srcset: string;
}

/** From the smallest one to the largest one. */
const RENDITIONS: readonly RenditionName[] = ['240p', '720p'];

/** The largest widths of the renditions, in pixels, as in `stockroom/renditions/rendered.py`. */
export const MAX_WIDTHS = { '240p': 1706, '720p': 5120, '1440p': 10240 } as const;

/** Formats beside JPEG, the smallest files first: a browser takes the first one that it can show. */
export const ALTERNATIVE_FORMATS = ['avif', 'webp'] as const;

export type Format = (typeof ALTERNATIVE_FORMATS)[number];

/** URL of a rendition in a format, JPEG if none is named; undefined where there is none (yet). */
function getUrl(urls: Image['urls'], rendition: RenditionName, format?: Format): string | undefined {
  return format === undefined ? urls[rendition] : urls[`${rendition}.${format}`];
}

/** The `<source>` elements of a rendition. The `<img>` itself shows the JPEG. */
export function listSources(urls: Image['urls'], rendition: RenditionName): Source[] {
  return ALTERNATIVE_FORMATS.flatMap((format) => {
    const url = getUrl(urls, rendition, format);
    return url === undefined ? [] : [{ type: `image/${format}`, srcset: url }];
  });
}

/**
 * All renditions of a picture with their widths, from which a browser chooses what its screen needs: JPEG, which is for
 * the `<img>`, and the `<source>` elements of formats in which all renditions are there. The largest file of a picture that
 * has it, at 1440p, is among each of them: it is WebP alone, which every browser shows that shows the page.
 */
export function listSizedSources(image: Pick<Image, 'urls' | 'width' | 'height'>): {
  jpeg: string;
  sources: Source[];
} {
  return {
    jpeg: buildSrcset(image) ?? image.urls['240p'],
    sources: ALTERNATIVE_FORMATS.flatMap((format) => {
      const srcset = buildSrcset(image, format);
      return srcset === null ? [] : [{ type: `image/${format}`, srcset }];
    }),
  };
}

function buildSrcset(image: Pick<Image, 'urls' | 'width' | 'height'>, format?: Format): string | null {
  const files = new Map<number, string>();
  const add = (rendition: keyof typeof MAX_WIDTHS, url: string): void => {
    const { width } = computeSize(image, rendition);
    // A small picture is as wide in a larger rendition.
    if (!files.has(width)) files.set(width, url);
  };
  for (const rendition of RENDITIONS) {
    const url = getUrl(image.urls, rendition, format);
    if (url === undefined) return null;
    add(rendition, url);
  }
  const largest = image.urls['1440p.webp'];
  if (largest !== undefined) add('1440p', largest);
  return [...files].map(([width, url]) => `${url} ${width}w`).join(', ');
}

/**
 * Size of a rendition in pixels. "720p" means 720 pixels high at most: a smaller picture is never enlarged, and a very wide one
 * has a largest width.
 */
export function computeSize(
  { width, height }: Pick<Image, 'width' | 'height'>,
  rendition: keyof typeof MAX_WIDTHS,
): { width: number; height: number } {
  const shrink = Math.max(1, height / Number.parseInt(rendition, 10), width / MAX_WIDTHS[rendition]);
  const scale = (side: number): number => Math.max(1, Math.round(side / shrink));
  return { width: scale(width), height: scale(height) };
}

/** Fetches the 720p file that `<picture>` will show, so that the browser's cache has it. */
export function prefetchPicture({ urls }: Image): void {
  fillPicture(document.createElement('picture'), listSources(urls, '720p'), { src: urls['720p'] });
}

/** Adds a file, and those of other formats, to a `<picture>`, of which the browser fetches one. Returns its `<img>`. */
export function fillPicture(
  picture: Element,
  sources: readonly Source[],
  file: Partial<HTMLImageElement>,
): HTMLImageElement {
  const img = Object.assign(document.createElement('img'), file);
  picture.append(...sources.map((source) => Object.assign(document.createElement('source'), source)), img);
  return img;
}
