import { expect, it } from 'vitest';
import { findModule } from '../../src/app/import-again';

const MODULE = Object.defineProperty({ default: 'A page' }, Symbol.toStringTag, { value: 'Module' });

it('finds the module in a script that exports it beside what others need', () => {
  expect(findModule({ n: (): string => 'other', i: {}, r: MODULE })).toBe(MODULE);
});

it('takes a script that is the module alone as it is', () => {
  const script = { default: 'A page', other: null };
  expect(findModule(script)).toBe(script);
});
