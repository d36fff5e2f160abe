// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listenForDrags } from '../../src/selection/drag';
import { Selection } from '../../src/selection/selection.svelte';

const ORDER = ['a', 'b', 'c'];

let list: HTMLElement;
let selection: Selection;
let stop: () => void;

beforeEach(() => {
  list = document.createElement('ul');
  list.innerHTML = ORDER.map(
    (id) => `<li data-select-id="${id}"><input data-select-handle type="checkbox"><a href="/">${id}</a></li>`,
  ).join('');
  document.body.append(list);
  selection = new Selection();
  stop = listenForDrags(list, selection, () => ORDER);
});
afterEach(() => {
  stop();
  list.remove();
});

function point(type: string, selector: string, options: PointerEventInit = {}): void {
  const event = new PointerEvent(type, { bubbles: true, pointerType: 'mouse', button: 0, ...options });
  list.querySelector(selector)?.dispatchEvent(event);
}

const A = '[data-select-id=a] input';

it('selects from the box of a picture on', () => {
  point('pointerdown', A);
  point('pointermove', '[data-select-id=c] a');
  point('pointerup', '[data-select-id=c] a');
  point('pointermove', '[data-select-id=a] a');
  expect(selection.listIn(ORDER)).toEqual(ORDER);
});

it.each([
  ['a press that does not leave the picture', A, {}, '[data-select-id=a] a'],
  ['a finger, which scrolls', A, { pointerType: 'touch' }, '[data-select-id=c]'],
  ['another button', A, { button: 2 }, '[data-select-id=c]'],
  ['Shift, which makes a range', A, { shiftKey: true }, '[data-select-id=c]'],
  ['a press beside the box', '[data-select-id=a] a', {}, '[data-select-id=c]'],
])('leaves %s alone', (_, selector, options, to) => {
  point('pointerdown', selector, options);
  point('pointermove', to, options);
  point('pointerup', to, options);
  expect([selection.size, selection.acts]).toEqual([0, 0]);
});

/** Presses the list itself, in the space between the pictures. */
function pressBetween(): void {
  list.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, pointerType: 'mouse', button: 0 }));
}

it('begins between pictures with the first one that it comes to', () => {
  pressBetween();
  const text = new Event('selectstart', { bubbles: true, cancelable: true });
  list.dispatchEvent(text);
  expect(text.defaultPrevented).toBe(true);
  point('pointermove', '[data-select-id=b] a');
  point('pointermove', '[data-select-id=c] a');
  point('pointerup', '[data-select-id=c] a');
  expect(selection.listIn(ORDER)).toEqual(['b', 'c']);
  point('pointermove', '[data-select-id=a] a');
  expect(selection.listIn(ORDER)).toEqual(['b', 'c']);
});

it('begins at the edge of a picture with this one', () => {
  point('pointerdown', '[data-select-id=a]');
  point('pointermove', '[data-select-id=b] a');
  point('pointerup', '[data-select-id=b] a');
  expect(selection.listIn(ORDER)).toEqual(['a', 'b']);
});

it('leaves a press between pictures alone that comes to none', () => {
  pressBetween();
  list.dispatchEvent(new PointerEvent('pointerup', { bubbles: true, pointerType: 'mouse' }));
  point('pointermove', '[data-select-id=b] a');
  expect([selection.size, selection.acts]).toEqual([0, 0]);
  const text = new Event('selectstart', { bubbles: true, cancelable: true });
  list.dispatchEvent(text);
  expect(text.defaultPrevented).toBe(false);
});

it('hears nothing any more once it is stopped', () => {
  stop();
  point('pointerdown', A);
  point('pointermove', '[data-select-id=c]');
  expect(selection.size).toBe(0);
});
