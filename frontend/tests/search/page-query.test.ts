// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { buildPageQuery, latestUpload } from '../../src/search/page-query';

it('asks for two screens, and for what has just been uploaded', () => {
  sessionStorage.clear();
  expect(buildPageQuery({ q: 'sea' })).toEqual({ q: 'sea', limit: 50 });
  latestUpload.record('A');
  expect(buildPageQuery({ q: 'sea' })).toEqual({ q: 'sea', limit: 50, since: 'A' });
  sessionStorage.clear();
});
