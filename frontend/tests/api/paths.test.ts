import { expect, it } from 'vitest';
import { buildImagePath, buildSearchPath } from '../../src/api/paths';

it('has one path for equal searches', () => {
  expect(buildSearchPath({ tag: ['sun', 'sea'], limit: 50 })).toBe('/api/images?limit=50&tag=sea&tag=sun');
  expect(buildSearchPath({ limit: 50, tag: ['sea', 'sun'] })).toBe('/api/images?limit=50&tag=sea&tag=sun');
  expect(buildSearchPath({})).toBe('/api/images');
});

it('has the path of a picture', () => {
  expect(buildImagePath('1M8NM7TMZV065')).toBe('/api/images/1M8NM7TMZV065');
});
