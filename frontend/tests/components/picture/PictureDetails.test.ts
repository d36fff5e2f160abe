// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announcer } from '../../../src/app/announcer.svelte';
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
let component: object | null = null;
afterEach(async () => {
  if (component !== null) await unmount(component);
  component = null;
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

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
  const labels = listLabels(target);
  void unmount(component);
  return labels;
}

function listLabels(target: HTMLElement): string[] {
  return [...target.querySelectorAll('button')].map((button) =>
    (button.getAttribute('aria-label') ?? button.textContent).replace(/\s+/g, ' ').trim(),
  );
}

const LINKS = [
  'Copy link',
  'Copy credit line',
  'Copy credit line as HTML code',
  'Copy credit line as Markdown',
  'Copy embed code',
  'Copy image link',
];

it.each([
  [false, LINKS],
  [true, ['Download original 300 × 200', 'Original with caption and rights', ...LINKS]],
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

/** Shows the page of a picture. Returns its element. */
function show(more: object): HTMLElement {
  const target = document.createElement('div');
  const image = { ...createImage('A'), ...more };
  component = mount(PictureDetails, {
    target,
    props: { image, search: null, isKeptBack: false, isOriginalOffered: false },
  });
  document.body.append(target);
  flushSync();
  return target;
}

it('says beside the licence and the credit line which licence counts where the file says otherwise', () => {
  const usage_terms = '© 2016 Tony Webster. All rights reserved.';
  const said = `The file itself says “${usage_terms}” The contributor, Alice, has published it under CC BY 4.0; if in doubt, ask.`;
  const target = show({ usage_terms, filled: ['usage_terms'] });
  const [license, terms] = [...target.querySelectorAll('dl > div')];
  expect(license?.textContent).toContain(said);
  expect(target.querySelector('[aria-labelledby=credit-line]')?.textContent).toContain(said);
  // The file's words are not the library's terms.
  expect(terms?.querySelector('dt')?.textContent).toBe('Terms in the file');
  expect(listDetails({ usage_terms }).has('Usage terms')).toBe(true);
});

it('names below the title who has made the picture, with a link to the contributor', () => {
  const author = show({}).querySelector('header .author');
  expect(author?.textContent.replace(/\s+/g, ' ').trim()).toBe('by Alice');
  expect(author?.querySelector('a')?.getAttribute('href')).toBe('/by/1');
  if (component !== null) void unmount(component);
  const other = show({ creator: 'Tony Webster' });
  expect(other.querySelector('header .author')?.textContent.replace(/\s+/g, ' ').trim()).toBe(
    'by Tony Webster',
  );
  expect(other.querySelector('dl a[href="/by/1"]')?.textContent).toBe('Alice');
});

it('says what to credit once a file is downloaded', async () => {
  const target = show({});
  const downloads = target.querySelectorAll<HTMLAnchorElement>('a[download]');
  expect(target.textContent).not.toContain('Downloading');
  downloads[0]?.addEventListener('click', (event) => event.preventDefault());
  downloads[0]?.click();
  flushSync();
  expect(target.querySelector('.downloading')?.textContent).toContain('Downloading. Credit it as:');
  expect(target.querySelector('.downloading .credit')?.textContent).toMatch(
    /^“A.jpg” by Alice, CC BY 4.0 \(https:\/\/creativecommons.org\/licenses\/by\/4.0\/\), http/,
  );
  // Once is enough.
  expect(target.querySelectorAll('.credit')).toHaveLength(1);
  expect(listLabels(target).filter((label) => label.endsWith('credit line'))).toEqual(['Copy credit line']);
  await vi.waitFor(() => expect(announcer.message).toMatch(/^Downloading. Credit it as: “A.jpg” by Alice/));
});

it('does not say that a file comes without a network', () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  const target = show({});
  const download = target.querySelector<HTMLAnchorElement>('a[download]');
  download?.addEventListener('click', (event) => event.preventDefault());
  download?.click();
  flushSync();
  expect(target.querySelector('.downloading')?.textContent).toContain('Credit it as:');
  expect(target.textContent).not.toContain('Downloading');
});

it('says before any download that all rights are reserved, and where the terms are', () => {
  const license = 'all-rights-reserved';
  const cases = [
    [{ license }, 'All rights reserved: ask Alice before you use this picture.'],
    [{ license, owner: '' }, 'All rights reserved: ask before you use this picture.'],
    [
      { license, license_url: 'https://example.org/terms' },
      'All rights are reserved: use this picture only as its usage terms say. Terms at example.org',
    ],
    [
      { license, usage_terms: 'Ask the archive.' },
      'All rights are reserved: use this picture only as its usage terms say.',
    ],
  ] as const;
  for (const [more, words] of cases) {
    const target = show(more);
    const rights = target.querySelector('.reserved');
    const download = target.querySelector('a[download]');
    expect(rights?.textContent.replace(/\s+/g, ' ').trim()).toBe(words);
    expect(download && rights?.compareDocumentPosition(download)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    expect(download?.classList.contains('primary')).toBe(false);
    if (component !== null) void unmount(component);
  }
  const free = show({});
  expect(free.querySelector('.reserved')).toBeNull();
  expect(free.querySelector('a[download]')?.classList.contains('primary')).toBe(true);
});
