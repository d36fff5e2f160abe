import type { Image } from '../api/types';
import { buildPictureUrl } from '../app/routes';
import { describePicture } from './caption';
import { buildCreditLine } from './credit';
import { escapeHtml } from './escape-html';
import { computeSize, listSizedSources, type RenditionName } from './renditions';

type Measured = Pick<Image, 'width' | 'height'>;

/** A width that is hardly larger than another one is no choice. */
const MIN_STEP = 1.2;

/**
 * The widths in which a picture can be shown elsewhere, in CSS pixels, the smallest first: those of the small and of the large
 * rendition, and one between them, each in whole tens. None is wider than the largest file.
 */
export function listEmbedWidths(image: Measured): number[] {
  const [small, large] = (['240p', '720p'] as const).map((name) =>
    roundDown(computeSize(image, name).width),
  ) as [number, number];
  const medium = roundDown((large * 2) / 3);
  if (small * MIN_STEP > large) return [large];
  return small * MIN_STEP <= medium ? [small, medium, large] : [small, large];
}

function roundDown(width: number): number {
  return width < 10 ? width : Math.floor(width / 10) * 10;
}

/** The smallest rendition that is as wide as a picture is shown. */
export function findRendition(image: Measured, width: number): RenditionName {
  return computeSize(image, '240p').width >= width ? '240p' : '720p';
}

/**
 * HTML that shows a picture in another page, so many CSS pixels wide and no wider than its place there, as a link to the
 * picture's own page, above its credit line. The browser chooses from the sizes that there are, and from the formats beside
 * JPEG; a mail program that knows nothing of that has the file in `src`.
 */
export function buildEmbedHtml(image: Image, width: number, toAbsoluteUrl: (path: string) => string): string {
  const height = Math.max(1, Math.round((width * image.height) / image.width));
  const urls = Object.fromEntries(
    Object.entries(image.urls).map(([name, path]) => [name, toAbsoluteUrl(path)]),
  ) as Image['urls'];
  const { jpeg, sources } = listSizedSources({ ...image, urls });
  // The other page may show the picture smaller, but shows it no larger.
  const sizes = `min(100vw,${width}px)`;
  const img = writeTag('img', {
    src: urls[findRendition(image, width)],
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
  return `<figure style="margin:0;max-width:${width}px">${link}<figcaption>${credit}</figcaption></figure>`;
}

function writeTag(name: string, attributes: Readonly<Record<string, string | number>>): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeHtml(`${value}`)}"`);
  return `<${name}${written.join('')}>`;
}
