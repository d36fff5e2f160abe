import { describe, expect, it } from 'vitest';
import { listDownloads } from '../../src/pictures/downloads';
import { createImage } from '../fixtures';

describe('listDownloads', () => {
  const image = { ...createImage('A'), name: 'Harbour.JPEG', width: 3000, height: 2000 };
  const large = { width: 1080, height: 720, coding: 'JPEG', fileName: 'Harbour-1080x720.jpg' };
  const small = { width: 360, height: 240, coding: 'JPEG', fileName: 'Harbour-360x240.jpg' };

  it('lists the sizes in pixels, the largest first', () => {
    expect(listDownloads(image)).toEqual([
      { url: '/i/A/v1/720p.jpg', ...large },
      { url: '/i/A/v1/240p.jpg', ...small },
    ]);
  });

  it('lists the largest file, which is WebP, where there is one', () => {
    const urls = { ...image.urls, '1440p.webp': '/i/A/v1/1440p.webp' };
    expect(listDownloads({ ...image, urls })).toEqual([
      {
        url: '/i/A/v1/1440p.webp',
        width: 2160,
        height: 1440,
        coding: 'WebP',
        fileName: 'Harbour-2160x1440.webp',
      },
      { url: '/i/A/v1/720p.jpg', ...large },
      { url: '/i/A/v1/240p.jpg', ...small },
    ]);
  });

  it('has the sizes of the files of a very wide picture', () => {
    const urls = { ...image.urls, '1440p.webp': '/i/A/v1/1440p.webp' };
    const names = listDownloads({ ...image, urls, width: 40_000, height: 800 }).map(
      ({ fileName }) => fileName,
    );
    expect(names).toEqual(['Harbour-10240x205.webp', 'Harbour-5120x102.jpg', 'Harbour-1706x34.jpg']);
  });

  it('lists a size once', () => {
    expect(listDownloads(createImage('A')).map(({ width }) => width)).toEqual([300]);
  });
});
