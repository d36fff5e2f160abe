// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import PictureDetails from '../../../src/components/picture/PictureDetails.svelte';
import { createImage } from '../../fixtures';

beforeEach(() => {
  // Nothing comes into view here.
  const observer = { observe: () => undefined, disconnect: () => undefined };
  vi.stubGlobal(
    'IntersectionObserver',
    vi.fn(function () {
      return observer;
    }),
  );
});
afterEach(() => void vi.unstubAllGlobals());

/** The labels and texts in the list of details. */
function listDetails(more: object): Map<string, string> {
  const target = document.createElement('div');
  const component = mount(PictureDetails, {
    target,
    props: {
      image: { ...createImage('A'), ...more },
      search: null,
      isKeptBack: true,
      isOriginalOffered: false,
    },
  });
  flushSync();
  const rows = [...target.querySelectorAll('dl > div')].map((row): [string, string] => [
    row.querySelector('dt')?.textContent ?? '',
    row.querySelector('dd')?.textContent ?? '',
  ]);
  void unmount(component);
  return new Map(rows);
}

function listButtons(props: { isKeptBack: boolean; isOriginalOffered: boolean }): string[] {
  const target = document.createElement('div');
  const component = mount(PictureDetails, {
    target,
    props: { image: createImage('A'), search: null, ...props },
  });
  flushSync();
  const labels = [...target.querySelectorAll('button')].map((button) =>
    (button.getAttribute('aria-label') ?? button.textContent).replace(/\s+/g, ' ').trim(),
  );
  void unmount(component);
  return labels;
}

const LINKS = [
  'Copy link',
  'Copy credit line as text',
  'Copy credit line as HTML',
  'Copy credit line as Markdown',
  'Copy embed code',
  'Copy image link',
];

it.each([
  [false, LINKS],
  [true, ['Download original 300 × 200', 'Original with these details', ...LINKS]],
])(
  'offers links of a picture, and its original if that is for everybody: %s',
  (isOriginalOffered, labels) => {
    expect(listButtons({ isKeptBack: false, isOriginalOffered })).toEqual(labels);
  },
);

it('offers no link of a picture that is hidden: its files are gone', () => {
  expect(listButtons({ isKeptBack: true, isOriginalOffered: false })).toEqual([]);
});

it('is headed by the description where a camera has named the picture, whose name stands below', () => {
  const target = document.createElement('div');
  const image = { ...createImage('A'), name: 'DSC_4059.jpg', description: 'Boats at dusk #sea' };
  const props = { image, search: null, isKeptBack: true, isOriginalOffered: false };
  const component = mount(PictureDetails, { target, props });
  flushSync();
  expect(target.querySelector('h1')?.textContent).toBe('Boats at dusk');
  // Nothing is said twice.
  expect(target.querySelector('.description')).toBeNull();
  void unmount(component);
  expect(listDetails(image).get('Name')).toBe('DSC_4059.jpg');
  expect(listDetails({ ...image, name: 'Boats' }).has('Name')).toBe(false);
});

it('shows the title in the file, unless the name or the description says the same', () => {
  const LABEL = 'Title in the file';
  expect(listDetails({ title: 'Harbour', name: 'IMG_1.jpg', description: 'Boats' }).get(LABEL)).toBe(
    'Harbour',
  );
  expect(listDetails({ title: 'Harbour', name: 'Harbour' }).has(LABEL)).toBe(false);
  expect(listDetails({ title: 'Harbour', description: 'Harbour #boats' }).has(LABEL)).toBe(false);
  expect(listDetails({ title: '' }).has(LABEL)).toBe(false);
});
