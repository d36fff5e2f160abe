// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import SearchFilters from '../../../src/components/search/SearchFilters.svelte';
import { PANEL_FIELDS } from '../../../src/search/filters';
import { parseParams, type SearchParams } from '../../../src/search/params';

let component: ReturnType<typeof mount>;
const onchange = vi.fn<(changes: Partial<SearchParams>) => void>();

beforeEach(() => {
  vi.clearAllMocks();
  const params = parseParams('?from=2026-01-01&to=2026-02-03&orientation=square&sort=newest&color=red');
  component = mount(SearchFilters, {
    target: document.body,
    props: { params, licenses: ['CC0-1.0'], onchange },
  });
});

afterEach(() => unmount(component));

function findField<Field extends HTMLElement>(label: string): Field {
  const found = [...document.querySelectorAll('label')].find(({ textContent }) => textContent === label);
  return document.getElementById(found?.htmlFor ?? '') as Field;
}

function pick(label: string, value: string): void {
  const field = findField<HTMLSelectElement>(label);
  field.value = value;
  field.dispatchEvent(new Event('change', { bubbles: true }));
  flushSync();
}

it('has a field for each filter, in order', () => {
  const labels = [...document.querySelectorAll('label, legend')].map(({ textContent }) => textContent);
  const expected = PANEL_FIELDS.map(({ control }) => ('label' in control ? control.label : 'Licence'));
  expect(labels).toEqual(expected);
});

it('keeps the days in order', () => {
  const [from, to] = [findField<HTMLInputElement>('From'), findField<HTMLInputElement>('To')];
  expect([from.value, from.min, from.max]).toEqual(['2026-01-01', '', '2026-02-03']);
  expect([to.value, to.min, to.max]).toEqual(['2026-02-03', '2026-01-01', '']);
});

it('offers the values of a filter, first that of none', () => {
  const list = (label: string): [string, string][] =>
    [...findField<HTMLSelectElement>(label).options].map(({ value, text }) => [value, text]);
  expect(list('Shape').slice(0, 2)).toEqual([
    ['', 'Any'],
    ['landscape', 'Landscape'],
  ]);
  expect(list('Licence').map(([value]) => value)).toEqual(['', 'CC0-1.0']);
  expect(list('Order')).toEqual([
    ['', 'Newest'],
    ['relevance', 'Best match'],
  ]);
  expect(findField<HTMLSelectElement>('Shape').value).toBe('square');
  expect(findField<HTMLSelectElement>('Order').value).toBe('');
});

it('reports what is chosen', () => {
  pick('Shape', 'portrait');
  pick('Licence', 'CC0-1.0');
  pick('Order', 'relevance');
  for (const color of ['red', 'blue']) document.querySelector<HTMLElement>(`[aria-label=${color}]`)?.click();
  expect(onchange.mock.calls.map(([changes]) => changes)).toEqual([
    { orientation: 'portrait' },
    { license: 'CC0-1.0' },
    { sort: 'relevance' },
    { color: '' },
    { color: 'blue' },
  ]);
});
