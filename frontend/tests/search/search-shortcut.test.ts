// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/search/search-shortcut';

let search: HTMLInputElement;

beforeEach(() => {
  document.body.innerHTML =
    '<input id="search" type="search"><input id="text"><textarea id="area"></textarea><select id="choice"></select>' +
    '<input id="box" type="checkbox"><input id="keep" type="radio"><button id="button"></button>';
  search = document.querySelector('#search') as HTMLInputElement;
});
afterEach(() => document.body.replaceChildren());

/** Whether the key leads from the element to the search box, and writes nothing. */
function press(id: string, init: KeyboardEventInit = {}): boolean {
  const element = document.getElementById(id);
  element?.focus();
  const event = new KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true, ...init });
  element?.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(document.activeElement === search && id !== 'search');
  return event.defaultPrevented;
}

it('leads to the search box from what takes no text, on each keyboard', () => {
  expect(['button', 'box', 'keep'].map((id) => press(id))).toEqual([true, true, true]);
  // As on a German keyboard.
  expect(press('button', { shiftKey: true, code: 'Digit7' })).toBe(true);
});

it('leaves the key to what takes text, and with Control or Command to the browser', () => {
  expect(['search', 'text', 'area', 'choice'].map((id) => press(id))).toEqual([false, false, false, false]);
  expect(press('button', { ctrlKey: true })).toBe(false);
  expect(press('button', { metaKey: true })).toBe(false);
});
