import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeMissingPage } from '../vite/missing-page';

it('is the page with another head', () => {
  const page = readFileSync('index.html', 'utf8');
  const missing = makeMissingPage(page);
  expect(missing).toContain('<title>Not found · Stockroom</title>');
  expect(missing).toContain('noindex');
  expect(missing).toContain('<div id="app"></div>');
  expect(missing).not.toContain('<title>Stockroom</title>');
});

it('is not made of a page without a title', () => {
  expect(() => makeMissingPage('<!doctype html>')).toThrow('no title');
});
