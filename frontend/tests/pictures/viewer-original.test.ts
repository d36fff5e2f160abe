import { afterEach, expect, it, vi } from 'vitest';
import { isOriginalSharper, isShowable } from '../../src/pictures/viewer-original';
import { createImage } from '../fixtures';

const LARGE = { ...createImage('A'), width: 6000, height: 4000 };

afterEach(() => void vi.unstubAllGlobals());

function useBrowser({ saveData, prefersReducedData }: { saveData?: boolean; prefersReducedData: boolean }) {
  vi.stubGlobal('navigator', saveData === undefined ? {} : { connection: { saveData } });
  vi.stubGlobal('matchMedia', () => ({ matches: prefersReducedData }));
}

it('fetches an original that has more lines than the renditions', () => {
  useBrowser({ prefersReducedData: false });
  expect(isOriginalSharper(LARGE)).toBe(true);
  expect(isOriginalSharper({ ...LARGE, width: 1080, height: 720 })).toBe(false);
});

it('fetches none that a phone has no memory for', () => {
  useBrowser({ prefersReducedData: false });
  expect(isOriginalSharper({ ...LARGE, width: 12_000, height: 9000 })).toBe(false);
});

it('fetches none for who saves data', () => {
  useBrowser({ saveData: true, prefersReducedData: false });
  expect(isOriginalSharper(LARGE)).toBe(false);
  useBrowser({ saveData: false, prefersReducedData: true });
  expect(isOriginalSharper(LARGE)).toBe(false);
  useBrowser({ saveData: false, prefersReducedData: false });
  expect(isOriginalSharper(LARGE)).toBe(true);
});

it.each([
  ['image/jpeg', 25 * 1024 * 1024, true],
  ['image/jpeg', 25 * 1024 * 1024 + 1, false],
  ['image/png', 10, true],
  ['image/tiff', 10, false],
  ['image/heic', 10, false],
  ['image/gif', 10, false],
])('shows what every browser shows, up to a size: %s of %i bytes', (type, size, isShown) =>
  expect(isShowable({ type, size })).toBe(isShown),
);
