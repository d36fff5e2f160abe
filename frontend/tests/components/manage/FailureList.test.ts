// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it } from 'vitest';
import FailureList from '../../../src/components/manage/FailureList.svelte';
import { listUnsent } from '../../../src/manage/batch/send-in-chunks';

let component: ReturnType<typeof mount>;
afterEach(() => unmount(component));

/** Of a deletion that was stopped, after requests for some of its pictures had no answer. */
function show(ids: string[], unanswered: string[]): string[] {
  const failures = listUnsent({ error: new DOMException('', 'AbortError'), ids, unanswered });
  const props = { failures, names: new Map(), verb: 'deleted' as const, areSelected: true };
  component = mount(FailureList, { target: document.body, props });
  flushSync();
  return [...document.querySelectorAll('p, li')].map(({ textContent }) =>
    textContent.replace(/\s+/g, ' ').trim(),
  );
}

it('does not say of a picture that it was not deleted where that is not known', () => {
  expect(show(['a'], ['a'])).toEqual([
    'Of 1 picture it is not known whether it was deleted.',
    'Stopped before an answer came. a',
  ]);
});

it('tells those that were not sent from those to which no answer came', () => {
  expect(show(['a', 'b', 'c'], ['a', 'b'])[0]).toBe(
    '1 picture was not deleted, and stays selected. Of 2 pictures it is not known whether they were deleted.',
  );
});
