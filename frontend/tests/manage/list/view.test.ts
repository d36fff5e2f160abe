import { expect, it } from 'vitest';
import {
  buildShownUrl,
  FILTERS,
  keepUsualView,
  parseShown,
  readUsualView,
  VIEWS,
  type FilterName,
} from '../../../src/manage/list/view';

it('reads back every address that it builds', () => {
  for (const view of VIEWS) {
    for (const filter of Object.keys(FILTERS) as FilterName[]) {
      for (const [name, isOldestFirst] of [
        ['', false],
        ['DSC_0012 & 50%', true],
      ] as const) {
        const url = new URL(buildShownUrl({ view, filter, name, isOldestFirst }), 'http://localhost');
        expect(url.pathname).toBe('/uploads');
        // Those that expire soon are asked for without a name, and have an order of their own.
        expect(parseShown(url.search)).toEqual(
          filter === 'expiring'
            ? { view, filter, name: '', isOldestFirst: false }
            : { view, filter, name, isOldestFirst },
        );
      }
    }
  }
  expect(buildShownUrl({ view: 'list', filter: 'all', name: '', isOldestFirst: false })).toBe(
    '/uploads?view=list',
  );
});

it.each(['', '?view=nonsense&show=nonsense', '?show=toString', '?name=+', '?order=name'])(
  'shows a list of all for %o',
  (query) => {
    expect(parseShown(query)).toEqual({ view: 'list', filter: 'all', name: '', isOldestFirst: false });
  },
);

it('asks for no longer name than the API takes', () => {
  expect(parseShown(`?name=${'x'.repeat(300)}`).name).toHaveLength(255);
  expect(parseShown('?show=expiring&name=DSC').name).toBe('');
});

it('shows list or grid as chosen last where the address names no view', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  expect(readUsualView(storage)).toBe('list');
  keepUsualView('?view=grid&show=ready', storage);
  expect(parseShown('', readUsualView(storage)).view).toBe('grid');
  expect(parseShown('?view=list', readUsualView(storage)).view).toBe('list');
  // None of these chooses between the two.
  for (const query of ['', '?view=captions', '?view=duplicates', '?view=nonsense'])
    keepUsualView(query, storage);
  expect(readUsualView(storage)).toBe('grid');
  keepUsualView('?view=list', storage);
  expect(readUsualView(storage)).toBe('list');
});
