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

it('leaves what is no script that could not be loaded to the caller', async () => {
  const load = (): Promise<string> => Promise.reject(new Error('https://library.example/assets/page.css'));
  await expect(importAgain(load)).rejects.toThrow('page.css');
});
