// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { router } from '../../../src/app/router.svelte';
import SearchBox from '../../../src/components/search/SearchBox.svelte';

let component: ReturnType<typeof mount>;

beforeEach(async () => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('There is no network.'));
  await router.go('/?q=seal');
  const ignore = (): void => undefined;
  component = mount(SearchBox, {
    target: document.body,
    props: {
      query: 'seal',
      maxLength: null,
      closed: false,
      oninput: ignore,
      onsubmit: ignore,
      ontag: ignore,
      oncontributor: ignore,
      onleave: ignore,
    },
  });
  flushSync();
});
afterEach(async () => {
  // Nothing is looked up any more for what was typed.
  getField().dispatchEvent(new FocusEvent('blur'));
  await unmount(component);
  vi.restoreAllMocks();
});

function getField(): HTMLInputElement {
  const field = document.querySelector<HTMLInputElement>('#search');
  if (field === null) throw new Error('There is no search box.');
  return field;
}

it.each(['/p/0000000000007', '/?color=red&q=seal'])(
  'has the words of the search again where words that were not searched for are left for %s',
  async (address) => {
    getField().value = 'seal pup';
    getField().dispatchEvent(new InputEvent('input', { bubbles: true }));
    flushSync();
    expect(getField().value).toBe('seal pup');
    await router.go(address);
    flushSync();
    expect(getField().value).toBe('seal');
  },
);
