// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest';
import { isRightToLeft, toReadingOrder } from '../../src/app/reading-order';

afterEach(() => document.documentElement.removeAttribute('dir'));

it('leaves keys as they are where people read from left to right', () => {
  expect(isRightToLeft()).toBe(false);
  expect(['ArrowLeft', 'ArrowRight', 'Home'].map(toReadingOrder)).toEqual([
    'ArrowLeft',
    'ArrowRight',
    'Home',
  ]);
});

it('goes on to the left where people read from right to left', () => {
  document.documentElement.dir = 'rtl';
  expect(isRightToLeft()).toBe(true);
  expect(['ArrowLeft', 'ArrowRight', 'Home'].map(toReadingOrder)).toEqual([
    'ArrowRight',
    'ArrowLeft',
    'Home',
  ]);
});
