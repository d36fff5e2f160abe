// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resize, stubObservers } from '../../resize';
import SearchFilters from '../../../src/components/search/SearchFilters.svelte';
import { parseParams } from '../../../src/search/params';
import { results } from '../../../src/search/results.svelte';
import type { SearchParams } from '../../../src/search/search-params';

let component: ReturnType<typeof mount>;
const onclose = vi.fn<() => void>();
const onchange = vi.fn<(changes: Partial<SearchParams>) => void>();
const NOW = Date.UTC(2026, 2, 3);

beforeEach(() => {
  vi.clearAllMocks();
  stubObservers();
  // Other tests of the same process have the same results, and may have left a search that fails.
  results.pager.state = { name: 'end' };
  document.getElementById('results')?.remove();
  const params = parseParams('?from=2026-01-01&to=2026-02-03&orientation=square&color=red&taken=2025');
  component = mount(SearchFilters, {
    target: document.body,
    props: {
      params,
      licenses: ['CC0-1.0'],
      found: { shown: 3, isAll: true, count: null },
      now: NOW,
      onchange,
      onclose,
    },
  });
});

afterEach(async () => {
  await unmount(component);
  document.getElementById('results')?.remove();
});

function findField<Field extends HTMLElement>(label: string): Field {
  const found = [...document.querySelectorAll('label')].find(({ textContent }) => textContent === label);
  return document.getElementById(found?.htmlFor ?? '') as Field;
}

function findGroup(legend: string): HTMLButtonElement[] {
  const found = [...document.querySelectorAll('legend')].find(({ textContent }) => textContent === legend);
  return [...(found?.closest('fieldset')?.querySelectorAll('button') ?? [])];
}

const listPressed = (legend: string): string[] =>
  findGroup(legend)
    .filter((button) => button.getAttribute('aria-pressed') === 'true')
    .map((button) => button.textContent || (button.getAttribute('aria-label') ?? ''));

function press(legend: string, text: string): void {
  const button = findGroup(legend).find(
    (each) => (each.textContent || each.getAttribute('aria-label')) === text,
  );
  button?.click();
  flushSync();
}

it('keeps the days in order', () => {
  const [from, to] = [findField<HTMLInputElement>('From'), findField<HTMLInputElement>('To')];
  expect([from.value, from.min, from.max]).toEqual(['2026-01-01', '', '2026-02-03']);
  expect([to.value, to.min, to.max]).toEqual(['2026-02-03', '2026-01-01', '']);
});

it('shows what is chosen', () => {
  expect(findGroup('Shape').map(({ textContent }) => textContent)).toEqual([
    'Landscape',
    'Portrait',
    'Square',
  ]);
  expect(listPressed('Shape')).toEqual(['Square']);
  expect(listPressed('Colour')).toEqual(['red']);
  expect(listPressed('Taken')).toEqual(['Last year']);
  expect(listPressed('Added')).toEqual([]);
  expect([...findField<HTMLSelectElement>('Licence').options].map(({ value }) => value)).toEqual([
    '',
    'free',
    'CC0-1.0',
  ]);
});

it('reports what is chosen, and what is taken back', () => {
  const licence = findField<HTMLSelectElement>('Licence');
  licence.value = 'CC0-1.0';
  licence.dispatchEvent(new Event('change', { bubbles: true }));
  press('Shape', 'Portrait');
  press('Shape', 'Square');
  press('Colour', 'red');
  press('Colour', 'blue');
  press('Taken', 'This month');
  press('Added', 'This month');
  expect(onchange.mock.calls.map(([changes]) => changes)).toEqual([
    { license: 'CC0-1.0' },
    { orientation: 'portrait' },
    { orientation: '' },
    { color: '' },
    { color: 'blue' },
    { taken: '2026-03' },
    { from: '2026-03-01', to: '' },
  ]);
});

it('leads to what is found', () => {
  const button = [...document.querySelectorAll('button')].find(
    ({ textContent }) => textContent === 'Show 3 pictures',
  );
  button?.click();
  expect(onclose).toHaveBeenCalledOnce();
});

it('offers first what everybody may use, among the licences', () => {
  const field = findField<HTMLSelectElement>('Licence');
  expect([...field.options].map(({ text }) => text)).toEqual([
    'Any',
    'Free to use',
    'CC0 1.0 (public domain)',
  ]);
  field.value = 'free';
  field.dispatchEvent(new Event('change', { bubbles: true }));
  flushSync();
  expect(onchange).toHaveBeenCalledWith({ license: 'free' });
});

it('leads to what has become of the search, which is below it, once for each outage', () => {
  document.body.insertAdjacentHTML('beforeend', '<div id="results"><div class="status"></div></div>');
  const height = vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(0);
  const lead = vi.spyOn(HTMLElement.prototype, 'scrollIntoView').mockImplementation(() => undefined);
  const { pager } = results;
  const wait = (): void => {
    pager.state = { name: 'waiting', retryAt: 0, detail: 'The library is down.' };
    flushSync();
    resize();
  };
  // The message is loaded first.
  wait();
  expect(lead).not.toHaveBeenCalled();
  height.mockReturnValue(80);
  resize();
  resize();
  expect(lead).toHaveBeenCalledOnce();
  // Whoever has gone back to the filters stays there, however often the search is tried again.
  pager.state = { name: 'loading' };
  flushSync();
  wait();
  expect(lead).toHaveBeenCalledOnce();
  pager.state = { name: 'end' };
  flushSync();
  wait();
  expect(lead).toHaveBeenCalledTimes(2);
  pager.state = { name: 'end' };
  vi.restoreAllMocks();
});
