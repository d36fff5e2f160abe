// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { findModule, importAgain } from '../../src/app/import-again';

const MODULE = Object.defineProperty({ default: 'A page' }, Symbol.toStringTag, { value: 'Module' });

it('finds the module in a script that exports it beside what others need', () => {
  expect(findModule({ n: (): string => 'other', i: {}, r: MODULE })).toBe(MODULE);
});

it('takes a script that is the module alone as it is', () => {
  const script = { default: 'A page', other: null };
  expect(findModule(script)).toBe(script);
});

it('asks for a style sheet until it has come, also when a second try fails', async () => {
  const href = '/assets/page.css';
  const load = (): Promise<string> => Promise.reject(new Error(`Unable to preload CSS for ${href}`));
  const append = vi.spyOn(document.head, 'append').mockImplementation(() => undefined);
  await expect(importAgain(load)).rejects.toThrow('CSS');
  // Vite's loader takes the sheet for one that is there now.
  await importAgain(() => Promise.resolve('page'));
  await importAgain(() => Promise.resolve('page'));
  expect(append).toHaveBeenCalledTimes(2);
  const sheet = append.mock.calls[1]?.[0] as HTMLLinkElement;
  expect([sheet.rel, sheet.getAttribute('href')]).toEqual(['stylesheet', href]);
  sheet.onload?.(new Event('load'));
  await importAgain(() => Promise.resolve('page'));
  expect(append).toHaveBeenCalledTimes(2);
  append.mockRestore();
});
