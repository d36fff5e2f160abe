// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { removeHeadOfPage } from '../../src/app/page-head';

it('takes away what is about the first page alone', () => {
  document.head.innerHTML =
    '<title>A</title><meta name="viewport" content="x"><meta property="og:title" content="A" data-of-page>';
  removeHeadOfPage();
  expect(document.head.innerHTML).toBe('<title>A</title><meta name="viewport" content="x">');
});
