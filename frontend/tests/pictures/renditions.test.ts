import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeSize, MAX_WIDTHS, listSizedSources, listSources } from '../../src/pictures/renditions';
import { createImage } from '../fixtures';

describe('computeSize', () => {
  it('never enlarges', () => {
    expect(computeSize({ width: 3000, height: 2000 }, '720p')).toEqual({ width: 1080, height: 720 });
    expect(computeSize({ width: 3000, height: 2000 }, '240p')).toEqual({ width: 360, height: 240 });
    expect(computeSize({ width: 300, height: 200 }, '720p')).toEqual({ width: 300, height: 200 });
  });

  it.each([
    [40_000, 800, [1706, 34], [5120, 102], [10_240, 205]],
    [30_000, 700, [1706, 40], [5120, 119], [10_240, 239]],
    [20_000, 1, [1706, 1], [5120, 1], [10_240, 1]],
    [7110, 1000, [1706, 240], [5119, 720], [7110, 1000]],
    [1, 20_000, [1, 240], [1, 720], [1, 1440]],
  ] as const)('of a picture of %i × %i is that of its files', (width, height, small, large, largest) => {
    const image = { width, height };
    const sizes = (['240p', '720p', '1440p'] as const).map((name) => Object.values(computeSize(image, name)));
    expect(sizes).toEqual([small, large, largest]);
  });

  it('has the largest widths that the library makes', () => {
    const source = resolve(import.meta.dirname, '../../../stockroom/renditions/rendered.py');
    const sides = readFileSync(source, 'utf8').matchAll(/"(\d+p)": Size\((\d+), (\d+)\)/g);
    const found = [...sides].map(([, name, height, width]) => [name, [Number(height), Number(width)]]);
    const own = Object.entries(MAX_WIDTHS).map(([name, width]) => [name, [Number.parseInt(name, 10), width]]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(own));
  });
});

describe('listSources', () => {
  it('lists the formats that exist, the smallest first', () => {
    const { urls } = createImage('A');
    const more = {
      ...urls,
      '720p.webp': '/i/A/v1/720p.webp',
      '720p.avif': '/i/A/v1/720p.avif',
      '240p.webp': '/i/A/v1/240p.webp',
    };
    expect(listSources(more, '720p').map(({ type }) => type)).toEqual(['image/avif', 'image/webp']);
    expect(listSources(more, '240p')).toEqual([{ type: 'image/webp', srcset: '/i/A/v1/240p.webp' }]);
    expect(listSources(urls, '720p')).toEqual([]);
  });
});

describe('listSizedSources', () => {
  const { urls } = createImage('A');

  it('lists the renditions with their widths, in every format that all of them have', () => {
    const more = {
      ...urls,
      '240p.webp': '/i/A/v1/240p.webp',
      '720p.webp': '/i/A/v1/720p.webp',
      '240p.avif': '/i/A/v1/240p.avif',
    };
    expect(listSizedSources({ urls: more, width: 3000, height: 2000 })).toEqual({
      jpeg: '/i/A/v1/240p.jpg 360w, /i/A/v1/720p.jpg 1080w',
      sources: [{ type: 'image/webp', srcset: '/i/A/v1/240p.webp 360w, /i/A/v1/720p.webp 1080w' }],
    });
  });

  it('offers the largest file beside those of every format', () => {
    const more = {
      ...urls,
      '240p.webp': '/i/A/v1/240p.webp',
      '720p.webp': '/i/A/v1/720p.webp',
      '1440p.webp': '/i/A/v1/1440p.webp',
    };
    expect(listSizedSources({ urls: more, width: 3000, height: 2000 })).toEqual({
      jpeg: '/i/A/v1/240p.jpg 360w, /i/A/v1/720p.jpg 1080w, /i/A/v1/1440p.webp 2160w',
      sources: [
        {
          type: 'image/webp',
          srcset: '/i/A/v1/240p.webp 360w, /i/A/v1/720p.webp 1080w, /i/A/v1/1440p.webp 2160w',
        },
      ],
    });
    const { jpeg } = listSizedSources({ urls: more, width: 1350, height: 900 });
    expect(jpeg).toContain('/i/A/v1/1440p.webp 1350w');
  });

  it('offers all files of a very wide picture, with their own widths', () => {
    const more = { ...urls, '1440p.webp': '/i/A/v1/1440p.webp' };
    expect(listSizedSources({ urls: more, width: 30_000, height: 700 }).jpeg).toBe(
      '/i/A/v1/240p.jpg 1706w, /i/A/v1/720p.jpg 5120w, /i/A/v1/1440p.webp 10240w',
    );
  });

  it('names one file of a picture whose renditions are equally small', () => {
    expect(listSizedSources({ urls, width: 300, height: 200 }).jpeg).toBe('/i/A/v1/240p.jpg 300w');
  });
});
