// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { expect, it } from 'vitest';
import RefusedSearch from '../../../src/components/search/RefusedSearch.svelte';
import { parseParams } from '../../../src/search/params';

function show(queryString: string, pointer: string): { text: string | undefined; href: string | null } {
  const target = document.createElement('div');
  const props = { params: parseParams(queryString), detail: 'What the API says.', pointer };
  const component = mount(RefusedSearch, { target, props });
  flushSync();
  const text = target.querySelector('#search-problem')?.textContent;
  const href = target.querySelector('a')?.getAttribute('href') ?? null;
  void unmount(component);
  return { text, href };
}

it('says which filter of the address there is not, with the search without it', () => {
  expect(show('?q=sea&color=chartreuse', '?color')).toEqual({
    text: 'Pictures cannot be searched by the colour “chartreuse”.',
    href: '/?q=sea',
  });
  expect(show('?license=WTFPL&tag=sea', '?license')).toEqual({
    text: 'Pictures cannot be searched by the licence “WTFPL”.',
    href: '/?tag=sea',
  });
  expect(show('?taken=yesterday', '?taken')).toEqual({
    text: '“yesterday” is no day, month or year.',
    href: '/',
  });
});

it('says what the API says of anything else', () => {
  expect(show('?q=date:31-2-2016', '?q')).toEqual({ text: 'What the API says.', href: null });
  expect(show('?q=sea', '')).toEqual({ text: 'What the API says.', href: null });
});
