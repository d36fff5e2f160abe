import { expect, it } from 'vitest';
import { buildShownUrl, FILTERS, parseShown, VIEWS, type FilterName } from '../../../src/manage/list/view';

it('reads back every address that it builds', () => {
  for (const view of VIEWS) {
    for (const filter of Object.keys(FILTERS) as FilterName[]) {
      const url = new URL(buildShownUrl({ view, filter }), 'http://localhost');
      expect(url.pathname).toBe('/uploads');
      expect(parseShown(url.search)).toEqual({ view, filter });
    }
  }
  expect(buildShownUrl({ view: 'list', filter: 'all' })).toBe('/uploads');
});

it.each(['', '?view=nonsense&show=nonsense', '?show=toString'])('shows a list of all for %o', (query) => {
  expect(parseShown(query)).toEqual({ view: 'list', filter: 'all' });
});
