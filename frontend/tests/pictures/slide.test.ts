import { describe, expect, it } from 'vitest';
import { noteLoaded } from '../../src/pictures/loaded-files';
import { buildSlide, findFormat } from '../../src/pictures/slide';
import { createImage } from '../fixtures';

describe('findFormat', () => {
  it.each([
    ['https://stock.test/i/A/v1/720p.avif', 'avif'],
    ['/i/A/v1/240p.webp', 'webp'],
    ['/i/A/v1/240p.jpg', null],
    [null, null],
  ])('of %s is %s', (url, format) => {
    expect(findFormat(url)).toBe(format);
  });
});

describe('buildSlide', () => {
  const image = { ...createImage('A'), width: 3000, height: 2000 };

  it('has 720 lines where there is no larger file', () => {
    expect(buildSlide(image)).toEqual({
      src: '/i/A/v1/720p.jpg',
      srcset: '/i/A/v1/240p.jpg 360w, /i/A/v1/720p.jpg 1080w',
      width: 1080,
      height: 720,
      alt: 'A.jpg',
    });
  });

  it('has 1440 lines where there is a file of them, and as many as the original has at the most', () => {
    const urls = { ...image.urls, '1440p.webp': '/i/A/v1/1440p.webp' };
    const slide = buildSlide({ ...image, urls });
    expect(slide).toMatchObject({ src: '/i/A/v1/720p.jpg', width: 2160, height: 1440 });
    expect(slide.srcset).toContain('/i/A/v1/1440p.webp 2160w');
    expect(buildSlide({ ...image, urls, width: 1350, height: 900 })).toMatchObject({
      width: 1350,
      height: 900,
    });
  });

  it('has the larger file beside the format that the browser has shown', () => {
    noteLoaded('B', '/i/B/v1/240p.avif');
    const names = ['240p', '720p'].map((name) => [`${name}.avif`, `/i/B/v1/${name}.avif`]);
    const urls = {
      ...createImage('B').urls,
      ...Object.fromEntries(names),
      '1440p.webp': '/i/B/v1/1440p.webp',
    };
    expect(buildSlide({ ...image, id: 'B', urls })).toMatchObject({
      src: '/i/B/v1/720p.avif',
      srcset: '/i/B/v1/240p.avif 360w, /i/B/v1/720p.avif 1080w, /i/B/v1/1440p.webp 2160w',
      msrc: '/i/B/v1/240p.avif',
    });
  });
});
