/** The smaller formats of a rendition, for `<picture>`: a browser takes the first that it can show. */
import type { Image } from '../api/types';

export interface Source {
  type: string;
  url: string;
}

/** The smallest first. JPEG is not among them: it is what the `<img>` itself shows. */
const FORMATS = ['avif', 'webp'] as const;

export function sources(urls: Image['urls'], size: '240p' | '720p'): Source[] {
  return FORMATS.flatMap((format) => {
    const url = urls[`${size}.${format}`];
    return url === undefined ? [] : [{ type: `image/${format}`, url }];
  });
}

/** Fetches what `<picture>` will show, so that it is there at once. */
export function prefetch(image: Image): void {
  const picture = document.createElement('picture');
  for (const { type, url } of sources(image.urls, '720p')) {
    const source = document.createElement('source');
    source.type = type;
    source.srcset = url;
    picture.append(source);
  }
  const img = document.createElement('img');
  picture.append(img);
  img.src = image.urls['720p'];
}
