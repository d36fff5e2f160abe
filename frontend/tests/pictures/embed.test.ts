import { describe, expect, it } from 'vitest';
import { buildEmbedHtml } from '../../src/pictures/embed';
import { createImage } from '../fixtures';

const toAbsoluteUrl = (path: string): string => `https://x.test${path}`;

describe('buildEmbedHtml', () => {
  it('escapes what people wrote', () => {
    const image = { ...createImage('A'), description: '"><script>', credit: 'A & B' };
    expect(buildEmbedHtml(image, toAbsoluteUrl)).toBe(
      '<img src="https://x.test/i/A/v1/720p.jpg" width="300" height="200" alt="&quot;&gt;&lt;script&gt;" title="A &amp; B" loading="lazy" style="max-width:100%;height:auto">',
    );
  });

  it('describes the picture as the page does', () => {
    const image = { ...createImage('A'), description: 'Waves at night #sea' };
    expect(buildEmbedHtml(image, toAbsoluteUrl)).toContain('alt="Waves at night"');
    expect(buildEmbedHtml({ ...image, description: '#sea' }, toAbsoluteUrl)).toContain('alt="A.jpg"');
  });

  it('has the other formats around the JPEG', () => {
    const image = createImage('A');
    const urls = {
      ...image.urls,
      '720p.webp': '/i/A/v1/720p.webp',
      '720p.avif': '/i/A/v1/720p.avif',
      '240p.webp': '/i/A/v1/240p.webp',
    };
    expect(buildEmbedHtml({ ...image, urls }, toAbsoluteUrl)).toBe(
      '<picture><source type="image/avif" srcset="https://x.test/i/A/v1/720p.avif">' +
        '<source type="image/webp" srcset="https://x.test/i/A/v1/720p.webp">' +
        '<img src="https://x.test/i/A/v1/720p.jpg" width="300" height="200" alt="A.jpg" loading="lazy" style="max-width:100%;height:auto"></picture>',
    );
  });
});
