// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import type { ImagePage } from '../../../src/api/types';
import { api } from '../../../src/app/api';
import SearchHelp from '../../../src/components/search/SearchHelp.svelte';
import { createImage } from '../../fixtures';

afterEach(() => vi.restoreAllMocks());

async function listExamples(
  answer: Promise<ImagePage>,
): Promise<{ links: string[]; texts: string[]; all: string }> {
  vi.spyOn(api, 'searchImages').mockReturnValue(answer);
  const target = document.createElement('div');
  const component = mount(SearchHelp, { target });
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelector('[aria-busy=false]')).not.toBeNull();
  });
  const read = (selector: string): string[] =>
    [...target.querySelectorAll(selector)].map(({ textContent }) => textContent);
  const found = { links: read('dt a'), texts: read('dt > span'), all: target.textContent };
  await unmount(component);
  return found;
}

it('links only to what finds something, with words of the library', async () => {
  const images = [{ ...createImage('A'), tags: ['boat', 'sea'] }];
  const { links, texts } = await listExamples(Promise.resolve({ images, next: null }));
  expect(links).toEqual(['boat sea', '#boat']);
  expect(texts).toEqual(['"golden gate"', 'lake -boat']);
});

it('says how to write where no pictures are known', async () => {
  const { links, texts } = await listExamples(Promise.reject(new Error('no answer')));
  expect(links).toEqual([]);
  expect(texts).toHaveLength(4);
});

it('leads to the filters, and teaches no writing of their values', async () => {
  const images = [{ ...createImage('A'), taken: '2016-05-06T00:00:00', creator: 'Ann Lee' }];
  const { all } = await listExamples(Promise.resolve({ images, next: null }));
  expect(all).toContain('Dates, colours, shapes and licences are under Filters.');
  expect(all).not.toMatch(/date:|taken:|by:|camera:/);
});
