// @vitest-environment happy-dom
// @vitest-environment-options { "settings": { "disableCSSFileLoading": true, "handleDisabledFileLoadingAsSuccess": true } }
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { importWithStyles } from '../../src/app/import-with-styles';

const append = vi.spyOn(document.head, 'append');
beforeEach(() => append.mockReset().mockImplementation(() => undefined));
afterEach(() => append.mockReset());

const load = (): Promise<string> => Promise.resolve('page');

function listAdded(): HTMLLinkElement[] {
  return append.mock.calls.map(([link]) => link as HTMLLinkElement);
}

it('imports once the style sheets are there, which are asked for once', async () => {
  const found: string[] = [];
  const files = ['assets/a.js', 'assets/a.css'];
  void importWithStyles(load, files).then((page) => found.push(page));
  void importWithStyles(load, files).then((page) => found.push(page));
  await Promise.resolve();
  expect(found).toEqual([]);
  const [script, style] = listAdded();
  expect([script?.rel, script?.getAttribute('href')]).toEqual(['modulepreload', '/assets/a.js']);
  expect([style?.rel, style?.getAttribute('href')]).toEqual(['stylesheet', '/assets/a.css']);
  style?.onload?.(new Event('load'));
  await vi.waitFor(() => expect(found).toEqual(['page', 'page']));
  await expect(importWithStyles(load, files)).resolves.toBe('page');
  expect(append).toHaveBeenCalledTimes(2);
});

it('adds no style sheet that the document has from the start', async () => {
  document.head.innerHTML = '<link rel="stylesheet" crossorigin href="/assets/index.css">';
  vi.resetModules();
  const fresh = await import('../../src/app/import-with-styles');
  await expect(fresh.importWithStyles(load, ['assets/index.css'])).resolves.toBe('page');
  expect(append).not.toHaveBeenCalled();
});

it('asks again for a style sheet that has failed, and imports nothing without it', async () => {
  const files = ['assets/b.css'];
  const loaded = vi.fn(load);
  for (const turn of [1, 2]) {
    const page = importWithStyles(loaded, files);
    expect(append).toHaveBeenCalledTimes(turn);
    listAdded()[turn - 1]?.onerror?.(new Event('error'));
    await expect(page).rejects.toThrow('/assets/b.css');
  }
  expect(loaded).not.toHaveBeenCalled();
  const page = importWithStyles(loaded, files);
  listAdded()[2]?.onload?.(new Event('load'));
  await expect(page).resolves.toBe('page');
});

it('needs no files', async () => {
  await expect(importWithStyles(load)).resolves.toBe('page');
});
