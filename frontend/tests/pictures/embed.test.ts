// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { buildEmbedHtml as build, findRendition, listEmbedWidths } from '../../src/pictures/embed';
import { buildCreditLine } from '../../src/pictures/credit';
import type { Image } from '../../src/api/types';
import { createImage } from '../fixtures';

const toAbsoluteUrl = (path: string): string => `https://x.test${path}`;
const buildEmbedHtml = (image: Image, to: (path: string) => string, width = 300): string =>
  build(image, width, to);
const PAGE = 'https://x.test/p/A';
const HOSTILE = `"><script>alert(1)</script>'&<img onerror=x>`;
/** What no attribute of the HTML may be called, and no element. */
const FORBIDDEN = 'script, [onerror], img img, figcaption img';

function parse(html: string): DocumentFragment {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

describe('buildEmbedHtml', () => {
  it('is a link to the picture’s page above the credit line', () => {
    const image = { ...createImage('A'), name: 'Harbour', creator: 'Ann & Ben' };
    expect(buildEmbedHtml(image, toAbsoluteUrl)).toBe(
      '<figure style="margin:0;max-width:300px"><a href="https://x.test/p/A">' +
        '<img src="https://x.test/i/A/v1/240p.jpg" srcset="https://x.test/i/A/v1/240p.jpg 300w" ' +
        'sizes="min(100vw,300px)" width="300" height="200" alt="Harbour" loading="lazy" ' +
        'style="max-width:100%;height:auto"></a><figcaption><a href="https://x.test/p/A">Harbour</a> ' +
        'by Ann &amp; Ben, <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>' +
        '</figcaption></figure>',
    );
  });

  it('has the credit line that the page has as HTML, also where nobody but the contributor is named', () => {
    const image = createImage('A');
    expect(buildEmbedHtml(image, toAbsoluteUrl)).toContain(
      `<figcaption>${buildCreditLine(image, PAGE, 'HTML')}</figcaption>`,
    );
    expect(parse(buildEmbedHtml(image, toAbsoluteUrl)).textContent).toContain('by Alice');
  });

  it('escapes what people wrote', () => {
    const image = {
      ...createImage('A'),
      name: HOSTILE,
      description: HOSTILE,
      credit: HOSTILE,
      license: HOSTILE,
    };
    const content = parse(buildEmbedHtml(image, toAbsoluteUrl));
    expect(content.querySelector(FORBIDDEN)).toBeNull();
    expect(content.querySelector('img')?.getAttribute('alt')).toBe(HOSTILE);
    expect(content.querySelector('figcaption')?.textContent).toContain(`${HOSTILE} by ${HOSTILE}`);
  });

  it('describes the picture as the page does', () => {
    const image = { ...createImage('A'), description: 'Waves at night #sea' };
    expect(buildEmbedHtml(image, toAbsoluteUrl)).toContain('alt="Waves at night"');
    expect(buildEmbedHtml({ ...image, description: '#sea' }, toAbsoluteUrl)).toContain('alt="A.jpg"');
  });

  it('has all sizes of the JPEG, and of the formats in which they are all there', () => {
    const image = { ...createImage('A'), width: 3000, height: 2000 };
    const urls = {
      ...image.urls,
      '240p.webp': '/i/A/v1/240p.webp',
      '720p.webp': '/i/A/v1/720p.webp',
      '720p.avif': '/i/A/v1/720p.avif',
    };
    const html = buildEmbedHtml({ ...image, urls }, toAbsoluteUrl, 1080);
    const sizes = 'sizes="min(100vw,1080px)"';
    expect(html).toContain(
      `<a href="${PAGE}"><picture><source type="image/webp" ` +
        `srcset="https://x.test/i/A/v1/240p.webp 360w, https://x.test/i/A/v1/720p.webp 1080w" ${sizes}>` +
        '<img src="https://x.test/i/A/v1/720p.jpg" ' +
        `srcset="https://x.test/i/A/v1/240p.jpg 360w, https://x.test/i/A/v1/720p.jpg 1080w" ${sizes} ` +
        'width="1080" height="720"',
    );
    expect(html).not.toContain('avif');
  });
});

it('is as wide as was chosen, with the smallest file that is so wide for those who cannot choose', () => {
  const image = { ...createImage('A'), width: 3000, height: 2000 };
  expect(buildEmbedHtml(image, toAbsoluteUrl, 360)).toContain(
    '<img src="https://x.test/i/A/v1/240p.jpg" ' +
      'srcset="https://x.test/i/A/v1/240p.jpg 360w, https://x.test/i/A/v1/720p.jpg 1080w" ' +
      'sizes="min(100vw,360px)" width="360" height="240"',
  );
  const medium = buildEmbedHtml(image, toAbsoluteUrl, 720);
  expect(medium).toContain('<img src="https://x.test/i/A/v1/720p.jpg"');
  expect(medium).toContain('width="720" height="480"');
  expect([360, 361].map((width) => findRendition(image, width))).toEqual(['240p', '720p']);
});

it.each([
  [3000, 2000, [360, 720, 1080]],
  [2000, 3000, [160, 320, 480]],
  // The large rendition is 1,279 pixels wide.
  [3838, 2160, [420, 840, 1270]],
  [600, 400, [360, 600]],
  [300, 200, [300]],
  [7, 5, [7]],
])('the widths of a picture of %i × %i are those of its files, in whole tens', (width, height, widths) => {
  expect(listEmbedWidths({ width, height })).toEqual(widths);
});
