// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it } from 'vitest';
import '../../resize';
import Interpretation from '../../../src/components/search/Interpretation.svelte';
import { results } from '../../../src/search/results.svelte';
import { searching } from '../../../src/search/searching.svelte';

let component: ReturnType<typeof mount>;

afterEach(async () => {
  await unmount(component);
  searching.finishTyping();
  results.pager.correction = null;
});

const readText = (): string => document.body.textContent.replace(/\s+/g, ' ').trim();

it('says of a word that is being typed that it may be unfinished, and corrects it afterwards', () => {
  results.pager.correction = { query: 'waterf', correctedQuery: 'water' };
  searching.isTyping = true;
  component = mount(Interpretation, { target: document.body });
  expect(readText()).toBe(
    'No pictures for “waterf” so far. Type on, or press Enter. These are results for water.',
  );
  searching.finishTyping();
  flushSync();
  expect(readText()).toBe('Nothing found for “waterf”; showing results for water.');
});
