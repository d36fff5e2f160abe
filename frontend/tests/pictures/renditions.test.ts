import { describe, expect, it } from 'vitest';
import { computeSize, listSources } from '../../src/pictures/renditions';
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
    expect(listSources(more, '240p')).toEqual([{ type: 'image/webp', url: '/i/A/v1/240p.webp' }]);
    expect(listSources(urls, '720p')).toEqual([]);
  });
});
