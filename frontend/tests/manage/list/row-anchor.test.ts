// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findAnchor, holdAnchor } from '../../../src/manage/list/row-anchor';

/** Pixels from the top of the screen to each row. */
let tops: Record<string, number>;
let frames: (() => void)[];

beforeEach(() => {
  tops = { A: -150, B: -50, C: 50, D: 150 };
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
  vi.stubGlobal('scrollBy', (_: number, y: number) => {
    for (const id of Object.keys(tops)) tops[id] = (tops[id] ?? 0) - y;
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('is the first row that is not above the screen, and none at the top of the page', () => {
  expect(findAnchor()).toEqual({ id: 'C', top: 50 });
  vi.stubGlobal('scrollY', 0);
  expect(findAnchor()).toBeNull();
});

it('holds the row where it was while the rows before it become higher', () => {
  holdAnchor({ id: 'C', top: 50 });
  tops.C = 104;
  frames.shift()?.();
  expect(tops.C).toBe(50);
});

it('waits for a row that is not there yet, and leaves the page to whoever scrolls', () => {
  delete tops.D;
  document.querySelector('[data-upload-id="D"]')?.remove();
  holdAnchor({ id: 'D', top: 50 });
  frames.shift()?.();
  document.body.insertAdjacentHTML('beforeend', '<li data-upload-id="D"></li>');
  tops.D = 300;
  frames.shift()?.();
  expect(tops.D).toBe(50);
  dispatchEvent(new Event('wheel'));
  tops.D = 90;
  while (frames.length > 0) frames.shift()?.();
  expect(tops.D).toBe(90);
});
