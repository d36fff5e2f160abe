// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import '../../resize';
import { announcer } from '../../../src/app/announcer.svelte';
import ResultsAnnouncer from '../../../src/components/search/ResultsAnnouncer.svelte';
import { EMPTY_PARAMS, parseParams } from '../../../src/search/params';
import { results } from '../../../src/search/results.svelte';
import { createImage } from '../../fixtures';

let component: ReturnType<typeof mount>;

afterEach(async () => {
  await unmount(component);
  results.pager.reading = null;
  results.pager.images = [];
  results.params = EMPTY_PARAMS;
  vi.restoreAllMocks();
});

it.each([
  ['by:anna', '2 pictures found, made by people called “anna”.'],
  ['harbour', '2 pictures found for “harbour”.'],
])('reads a query that was read as %s without the operators of the query language', (corrected, told) => {
  const announce = vi.spyOn(announcer, 'announce').mockReturnValue();
  results.params = parseParams('?q=Anna');
  results.pager.reading = { query: 'Anna', corrected };
  results.pager.images = [createImage('A'), createImage('B')];
  results.pager.state = { name: 'end' };
  component = mount(ResultsAnnouncer, {
    target: document.body,
    props: { isVisible: true, isWaiting: false, foundLabel: '2 pictures' },
  });
  flushSync();
  expect(announce).toHaveBeenLastCalledWith(told);
});
