// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { removeElementsOfFirstPage } from '../../src/app/first-page';

it('removes what is about the first page alone, from head and body', () => {
  document.head.innerHTML =
    '<title>A</title><meta name="viewport" content="x"><meta property="og:title" content="A" data-of-page>';
  document.body.innerHTML = '<div id="app"></div><div class="first-picture" data-of-page></div>';
  removeElementsOfFirstPage();
  expect(document.head.innerHTML).toBe('<title>A</title><meta name="viewport" content="x">');
  expect(document.body.innerHTML).toBe('<div id="app"></div>');
});
