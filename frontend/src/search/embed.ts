import type { Image } from '../api/types';
import { sources } from './sources';

/** Size of a rendition in pixels: so high at most, and never enlarged. */
export function rendition(
  image: Pick<Image, 'width' | 'height'>,
  high: number,
): { width: number; height: number } {
  const height = Math.min(high, image.height);
  return { width: Math.max(1, Math.round((image.width * height) / Math.max(1, image.height))), height };
}

/** A `<picture>` to paste into another page, or a plain `<img>` where there is only JPEG. */
export function embedHtml(image: Image, absolute: (path: string) => string): string {
  const { width, height } = rendition(image, 720);
  const alt = escape(image.description || image.name);
  const title = image.credit === '' ? '' : ` title="${escape(image.credit)}"`;
  const img = `<img src="${escape(absolute(image.urls['720p']))}" width="${width}" height="${height}" alt="${alt}"${title} loading="lazy">`;
  const smaller = sources(image.urls, '720p').map(
    ({ type, url }) => `<source type="${type}" srcset="${escape(absolute(url))}">`,
  );
  return smaller.length === 0 ? img : `<picture>${smaller.join('')}${img}</picture>`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
