/** The files that everybody may download. */
import type { Image } from '../api/types';
import { computeSize } from './renditions';

export interface Download {
  url: string;
  width: number;
  height: number;
  coding: 'JPEG' | 'WebP';
  /** What the file is to be called. */
  fileName: string;
}

/** The files of a picture that everybody may download, the largest one first; equally large ones once. */
export function listDownloads(image: Image): Download[] {
  const stem = image.name.replace(/\.(?:jpe?g|png|webp|gif|avif|heic|tiff?)$/i, '');
  const files = [
    ['1440p', image.urls['1440p.webp'], 'WebP'],
    ['720p', image.urls['720p'], 'JPEG'],
    ['240p', image.urls['240p'], 'JPEG'],
  ] as const;
  const widths = new Set<number>();
  return files.flatMap(([rendition, url, coding]) => {
    const { width, height } = computeSize(image, rendition);
    if (url === undefined || widths.has(width)) return [];
    widths.add(width);
    const extension = coding === 'JPEG' ? 'jpg' : 'webp';
    return [{ url, width, height, coding, fileName: `${stem}-${width}x${height}.${extension}` }];
  });
}
