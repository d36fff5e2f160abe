import { expect, it } from 'vitest';
import { buildCreditLine } from '../../src/pictures/credit';
import { createImage } from '../fixtures';

const PAGE = 'https://stock.test/p/A';

it('names the picture, who has made it, and its licence, with links where the format has them', () => {
  const image = { ...createImage('A'), name: 'Harbour', credit: 'Ann Lee' };
  expect(buildCreditLine(image, PAGE, 'text')).toBe(
    '“Harbour” by Ann Lee, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), https://stock.test/p/A',
  );
  expect(buildCreditLine({ ...image, license: 'all-rights-reserved' }, PAGE, 'text')).toBe(
    '“Harbour” by Ann Lee, All rights reserved, https://stock.test/p/A',
  );
  expect(buildCreditLine(image, PAGE, 'HTML')).toBe(
    '<a href="https://stock.test/p/A">Harbour</a> by Ann Lee, ' +
      '<a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>',
  );
  expect(buildCreditLine(image, PAGE, 'Markdown')).toBe(
    '[Harbour](https://stock.test/p/A) by Ann Lee, [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)',
  );
});

it('takes the creator where there is no credit, and the contributor where there is neither', () => {
  const image = { ...createImage('A'), license: 'all-rights-reserved' };
  expect(buildCreditLine({ ...image, creator: 'Bo' }, PAGE, 'text')).toContain('by Bo, All rights reserved');
  expect(buildCreditLine(image, PAGE, 'text')).toContain('by Alice');
  expect(buildCreditLine({ ...image, owner: '' }, PAGE, 'Markdown')).toBe(
    '[A.jpg](https://stock.test/p/A), All rights reserved',
  );
});

it('has the title that heads the picture, and not the name that a camera has given', () => {
  const image = { ...createImage('A'), name: 'DSC_4059.jpg', description: 'Boats at dusk #sea' };
  expect(buildCreditLine(image, PAGE, 'text')).toContain('“Boats at dusk” by Alice');
});

it('lets no name become markup', () => {
  const image = { ...createImage('A'), name: '<b>', credit: '[x](y) *z*' };
  expect(buildCreditLine(image, PAGE, 'HTML')).toContain('&lt;b&gt;</a> by [x](y) *z*,');
  expect(buildCreditLine(image, PAGE, 'Markdown')).toContain(String.raw`[\<b\>](`);
  expect(buildCreditLine(image, PAGE, 'Markdown')).toContain(String.raw`by \[x\]\(y\) \*z\*,`);
});
