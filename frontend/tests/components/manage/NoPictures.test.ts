// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it } from 'vitest';
import NoPictures from '../../../src/components/manage/NoPictures.svelte';
import { parseShown } from '../../../src/manage/list/view';

let component: ReturnType<typeof mount>;

/** The title, and where the links lead. */
function show(queryString: string): [string | undefined, (string | null)[]] {
  const props = { shown: parseShown(queryString), hasDeleted: false };
  component = mount(NoPictures, { target: document.body, props });
  flushSync();
  const links = [...document.querySelectorAll('a')].map((link) => link.getAttribute('href'));
  return [document.querySelector('h2, h3')?.textContent.trim(), links];
}

afterEach(async () => {
  await unmount(component);
  document.body.replaceChildren();
});

it('says of a name that none of the state that is shown has it, and leads to those of all states', () => {
  expect(show('view=list&show=failed&name=X_')).toEqual([
    'No failed upload of yours is called “X_”',
    ['/uploads?view=list&name=X_', '/uploads?view=list'],
  ]);
});

it('says of a name that none has it where all are shown', () => {
  expect(show('view=grid&name=X_')).toEqual(['No upload of yours is called “X_”', ['/uploads?view=grid']]);
});
