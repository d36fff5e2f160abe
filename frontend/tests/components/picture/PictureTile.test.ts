// @vitest-environment happy-dom
import { flushSync, mount, unmount, type ComponentProps } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import PictureTile from '../../../src/components/picture/PictureTile.svelte';
import { createImage } from '../../fixtures';

let component: ReturnType<typeof mount> | undefined;
let box: HTMLElement;

afterEach(() => {
  if (component !== undefined) void unmount(component);
  component = undefined;
});

function show(props: Partial<ComponentProps<typeof PictureTile>>): void {
  box = document.createElement('div');
  component = mount(PictureTile, { target: box, props: { image: createImage('A'), search: null, ...props } });
  flushSync();
}

function press(key: string, init: KeyboardEventInit = {}): Event {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init });
  box.querySelector('a')?.dispatchEvent(event);
  return event;
}

it('is a link alone unless it can be selected', () => {
  show({});
  expect(box.querySelector('input')).toBeNull();
  expect(press(' ').defaultPrevented).toBe(false);
});

it('tells of a click on its checkbox, and of Space, with the keys that were held', () => {
  const onselect = vi.fn();
  show({ selectable: true, selected: true, onselect });
  const checkbox = box.querySelector('input');
  expect(checkbox?.getAttribute('aria-label')).toBe('Select A.jpg');
  expect(checkbox?.checked).toBe(true);
  checkbox?.dispatchEvent(new MouseEvent('click', { shiftKey: true, bubbles: true, cancelable: true }));
  const event = press(' ', { shiftKey: true });
  expect(onselect.mock.calls.map(([{ shiftKey }]) => shiftKey as boolean)).toEqual([true, true]);
  expect(event.defaultPrevented).toBe(true);
});

it('leaves Enter and Control with Space to the browser', () => {
  const onselect = vi.fn();
  show({ selectable: true, onselect });
  expect(press('Enter').defaultPrevented).toBe(false);
  expect(press(' ', { ctrlKey: true }).defaultPrevented).toBe(false);
  expect(onselect).not.toHaveBeenCalled();
});

it('tells whose rights are all reserved, by a mark in the caption and in words', () => {
  show({ hasCaption: true, image: { ...createImage('A'), license: 'all-rights-reserved' } });
  expect(box.querySelector('a')?.title).toBe('All rights reserved');
  expect(box.querySelector('.caption')?.textContent).toContain('©');
  show({ hasCaption: true, image: { ...createImage('A'), license: 'CC-BY-4.0' } });
  expect(box.querySelector('a')?.hasAttribute('title')).toBe(false);
  expect(box.querySelector('.caption')?.textContent).not.toContain('©');
});
