import { expect, it } from 'vitest';
import { findModule, importAgain } from '../../src/app/import-again';

const MODULE = Object.defineProperty({ default: 'A page' }, Symbol.toStringTag, { value: 'Module' });

it('finds the module in a script that exports it beside what others need', () => {
  expect(findModule({ n: (): string => 'other', i: {}, r: MODULE })).toBe(MODULE);
});

it('takes a script that is the module alone as it is', () => {
  const script = { default: 'A page', other: null };
  expect(findModule(script)).toBe(script);
});

it.each([
  'https://library.example/assets/page.css',
  'https://stock.js.org/assets/page.css',
  'https://stock.js:8443/assets/page.css',
  'https://stock.js/assets/page.css',
])('leaves what is no script that could not be loaded to the caller: %s', async (address) => {
  const load = (): Promise<string> => Promise.reject(new Error(address));
  await expect(importAgain(load)).rejects.toThrow(address);
});

it.each(['', '?1', ' (in a sentence)'])(
  'asks for a script again that could not be loaded: %s',
  async (rest) => {
    const script = `http://127.0.0.1:9/stock.js.org/page.js`;
    const load = (): Promise<string> => Promise.reject(new Error(`Failed to fetch: ${script}${rest}`));
    await expect(importAgain(load)).rejects.not.toThrow('Failed to fetch:');
  },
);
