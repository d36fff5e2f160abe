// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findPlace, holdAnchor } from '../../../src/manage/list/row-anchor';

/** Pixels from the top of the screen to each row. */
let tops: Record<string, number>;
let frames: (() => void)[];

const IDS = ['A', 'B', 'C', 'D', 'E'];

beforeEach(() => {
  tops = { A: -150, B: -50, C: 50, D: 150, E: 250 };
  frames = [];
  document.body.innerHTML =
    '<li data-upload-id="X" data-state="deleted"></li>' +
    Object.keys(tops)
      .map((id) => `<li data-upload-id="${id}"></li>`)
      .join('');
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(function (this: HTMLElement) {
    return { top: tops[this.dataset.uploadId ?? ''] ?? 0 } as DOMRect;
  });
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
  vi.stubGlobal('scrollY', 1000);
  vi.stubGlobal('innerHeight', 200);
  vi.stubGlobal('scrollBy', (_: number, y: number) => {
    for (const id of Object.keys(tops)) tops[id] = (tops[id] ?? 0) - y;
  });
});

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('is the first row that is not above the screen, with the rows that lead to its end', () => {
  expect(findPlace(IDS)).toEqual({ anchor: { id: 'C', top: 50 }, rows: 4 });
});

it('is the top of the page as long as nobody scrolls', () => {
  vi.stubGlobal('scrollY', 0);
  expect(findPlace(IDS)).toEqual({ anchor: null, rows: 5 });
});

it('counts the rows of the list, of which not all are shown, and no more than can be loaded again soon', () => {
  expect(findPlace(['failed', ...IDS]).rows).toBe(5);
  const many = Array.from({ length: 3000 }, (_, index) => `id-${index}`);
  expect(findPlace([...many, ...IDS]).rows).toBe(1000);
});

it('holds the row where it was while the rows before it become higher', () => {
  holdAnchor({ id: 'C', top: 50 }, () => false, vi.fn());
  tops.C = 104;
  frames.shift()?.();
  expect(tops.C).toBe(50);
});

it('waits for a row that is not there yet, and leaves the page to whoever scrolls', () => {
  delete tops.D;
  document.querySelector('[data-upload-id="D"]')?.remove();
  const onperson = vi.fn();
  holdAnchor({ id: 'D', top: 50 }, () => false, onperson);
  frames.shift()?.();
  document.body.insertAdjacentHTML('beforeend', '<li data-upload-id="D"></li>');
  tops.D = 300;
  frames.shift()?.();
  expect(tops.D).toBe(50);
  expect(onperson).not.toHaveBeenCalled();
  dispatchEvent(new Event('wheel'));
  expect(onperson).toHaveBeenCalledOnce();
  tops.D = 90;
  while (frames.length > 0) frames.shift()?.();
  expect(tops.D).toBe(90);
});

it('holds the row for as long as rows are loaded, and a while longer', () => {
  let isLoading = true;
  holdAnchor({ id: 'C', top: 50 }, () => isLoading, vi.fn());
  for (let frame = 0; frame < 200; frame++) frames.shift()?.();
  tops.C = 90;
  frames.shift()?.();
  expect(tops.C).toBe(50);
  isLoading = false;
  while (frames.length > 0) frames.shift()?.();
  tops.C = 90;
  expect(tops.C).toBe(90);
});
