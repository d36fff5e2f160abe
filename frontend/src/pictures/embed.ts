import type { Image } from '../api/types';
import { buildPictureUrl } from '../app/routes';
import { describePicture } from './caption';
import { buildCreditLine } from './credit';
import { escapeHtml } from './escape-html';
import { computeSize, listSizedSources } from './renditions';

/**
 * HTML that shows a picture in another page, no wider than its place there, as a link to the picture's own page, above its
 * credit line. The browser chooses from the sizes that there are, and from the formats beside JPEG.
 */
export function buildEmbedHtml(image: Image, toAbsoluteUrl: (path: string) => string): string {
  const { width, height } = computeSize(image, '720p');
  const urls = Object.fromEntries(
    Object.entries(image.urls).map(([name, path]) => [name, toAbsoluteUrl(path)]),
  ) as Image['urls'];
  const { jpeg, sources } = listSizedSources({ ...image, urls });
  // The other page may show the picture smaller, but shows it no larger.
  const sizes = `min(100vw,${width}px)`;
  const img = writeTag('img', {
    src: urls['720p'],
    srcset: jpeg,
    sizes,
    width,
    height,
    alt: describePicture(image),
    loading: 'lazy',
    style: 'max-width:100%;height:auto',
  });
  const others = sources.map(({ type, srcset }) => writeTag('source', { type, srcset, sizes }));
  const picture = others.length === 0 ? img : `<picture>${others.join('')}${img}</picture>`;
  const pageUrl = toAbsoluteUrl(buildPictureUrl(image.id));
  const link = `${writeTag('a', { href: pageUrl })}${picture}</a>`;
  const credit = buildCreditLine(image, pageUrl, 'HTML');
  return `<figure style="margin:0">${link}<figcaption>${credit}</figcaption></figure>`;
}

function writeTag(name: string, attributes: Readonly<Record<string, string | number>>): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeHtml(`${value}`)}"`);
  return `<${name}${written.join('')}>`;
}
