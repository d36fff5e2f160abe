import type { Image } from '../api/types';

/** Size of a rendition in pixels: so high at most, and never enlarged. */
export function rendition(
  image: Pick<Image, 'width' | 'height'>,
  high: number,
): { width: number; height: number } {
  const height = Math.min(high, image.height);
  return { width: Math.max(1, Math.round((image.width * height) / Math.max(1, image.height))), height };
}

/** An `<img>` to paste into another page. */
export function embedHtml(image: Image, absolute: (path: string) => string): string {
  const { width, height } = rendition(image, 720);
  const alt = escape(image.description || image.name);
  const title = image.credit === '' ? '' : ` title="${escape(image.credit)}"`;
  return `<img src="${escape(absolute(image.urls['720p']))}" width="${width}" height="${height}" alt="${alt}"${title} loading="lazy">`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
