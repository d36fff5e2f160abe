import { describe, expect, it } from 'vitest';
import { computeSize, listSizedSources, listSources } from '../../src/pictures/renditions';
import { createImage } from '../fixtures';

describe('computeSize', () => {
  it('never enlarges', () => {
    expect(computeSize({ width: 3000, height: 2000 }, '720p')).toEqual({ width: 1080, height: 720 });
    expect(computeSize({ width: 3000, height: 2000 }, '240p')).toEqual({ width: 360, height: 240 });
    expect(computeSize({ width: 300, height: 200 }, '720p')).toEqual({ width: 300, height: 200 });
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

  it('names one file of a picture whose renditions are equally small', () => {
    expect(listSizedSources({ urls, width: 300, height: 200 }).jpeg).toBe('/i/A/v1/240p.jpg 300w');
  });
});
