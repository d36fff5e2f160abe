import type { Image } from '../api/types';
import { describePicture } from './caption';
import { computeSize, listSources } from './renditions';

/**
 * HTML that shows a picture in another page, no wider than its place there: a `<picture>`, or an `<img>` where there is only a
 * JPEG.
 */
export function buildEmbedHtml(image: Image, toAbsoluteUrl: (path: string) => string): string {
  const { width, height } = computeSize(image, '720p');
  const alt = escapeHtml(describePicture(image));
  const title = image.credit === '' ? '' : ` title="${escapeHtml(image.credit)}"`;
  const src = escapeHtml(toAbsoluteUrl(image.urls['720p']));
  const img = `<img src="${src}" width="${width}" height="${height}" alt="${alt}"${title} loading="lazy" style="max-width:100%;height:auto">`;
  const sources = listSources(image.urls, '720p').map(
    ({ type, srcset }) => `<source type="${type}" srcset="${escapeHtml(toAbsoluteUrl(srcset))}">`,
  );
  return sources.length === 0 ? img : `<picture>${sources.join('')}${img}</picture>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
