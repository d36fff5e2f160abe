/** A picture as the viewer shows it. */
import type { Image } from '../api/types';
import { describePicture } from './caption';
import { findLoaded } from './loaded-files';
import { ALTERNATIVE_FORMATS, computeSize, listSizedSources, type Format } from './renditions';

/** What PhotoSwipe knows of a picture. The browser chooses from `srcset`, anew whenever the picture is enlarged. */
export interface Slide {
  src: string;
  srcset: string;
  /** The sides of the largest file. */
  width: number;
  height: number;
  alt: string;
  /** A file that the browser has, to be shown until another one is there. */
  msrc?: string;
}

/** The format beside JPEG of a file that the browser has shown; null for JPEG, or when it has shown none. */
export function findFormat(url: string | null): Format | null {
  return ALTERNATIVE_FORMATS.find((format) => url?.endsWith(`.${format}`) === true) ?? null;
}

/** The files of a picture, in a format that this browser has shown, and the size of the largest one. */
export function buildSlide(image: Image): Slide {
  const loaded = findLoaded(image.id);
  const format = findFormat(loaded);
  const sized = listSizedSources(image);
  return {
    src: (format === null ? undefined : image.urls[`720p.${format}`]) ?? image.urls['720p'],
    srcset: sized.sources.find(({ type }) => type === `image/${format ?? ''}`)?.srcset ?? sized.jpeg,
    ...computeSize(image, image.urls['1440p.webp'] === undefined ? '720p' : '1440p'),
    alt: describePicture(image),
    ...(loaded === null ? {} : { msrc: loaded }),
  };
}
