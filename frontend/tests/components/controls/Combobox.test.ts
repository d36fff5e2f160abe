// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import Combobox from '../../../src/components/controls/Combobox.svelte';
import type { Lookup, Suggestion } from '../../../src/search/suggestions';

const SUGGESTIONS: Suggestion[] = ['sea', 'seal', 'season'].map((text) => ({ kind: 'tag', text, count: 1 }));

let component: ReturnType<typeof mount>;
let lookups: AbortSignal[];
const onpick = vi.fn<(suggestion: Suggestion) => void>();
const onkeydown = vi.fn<(event: KeyboardEvent) => void>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  lookups = [];
});

afterEach(async () => {
  await unmount(component);
  vi.useRealTimers();
});

function mountCombobox(type: 'text' | 'search' = 'text', closed = false): void {
  const lookup: Lookup = async (signal) => {
    lookups.push(signal);
    return SUGGESTIONS;
  };
  component = mount(Combobox, {
    target: document.body,
    props: {
      id: 'field',
      type,
      listLabel: 'Tags',
      value: '',
      placeholder: '',
      closed,
      suggest: (text: string) => (text.endsWith(' ') ? null : lookup),
      onpick,
      onkeydown,
    },
  });
}

function getInput(): HTMLInputElement {
  const input = document.querySelector('input');
  if (input === null) throw new Error('There is no field.');
  return input;
}

function listOptions(): string[] {
  const isHidden = document.querySelector('[role=listbox]')?.hasAttribute('hidden') ?? true;
  const texts = [...document.querySelectorAll('[role=option] .text')].map(({ textContent }) => textContent);
  return isHidden ? [] : texts;
}

async function type(text: string): Promise<void> {
  getInput().value = text;
  getInput().dispatchEvent(new Event('input', { bubbles: true }));
  await vi.advanceTimersByTimeAsync(200);
  flushSync();
}

function press(key: string): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  getInput().dispatchEvent(event);
  flushSync();
  return event;
}

/** The text of the option that assistive technology is told of. */
function getActiveOption(): string | null {
  const id = getInput().getAttribute('aria-activedescendant');
  if (id === null) return null;
  const option = document.getElementById(id);
  expect(option?.getAttribute('aria-selected')).toBe('true');
  return option?.querySelector('.text')?.textContent ?? null;
}

describe('Combobox', () => {
  it('is a combobox with a list', async () => {
    mountCombobox();
    const input = getInput();
    expect(input.getAttribute('role')).toBe('combobox');
    expect(input.getAttribute('aria-expanded')).toBe('false');
    expect(document.getElementById(input.getAttribute('aria-controls') ?? '')?.role).toBe('listbox');
    await type('se');
    expect(input.getAttribute('aria-expanded')).toBe('true');
    expect(listOptions()).toEqual(['#sea', '#seal', '#season']);
  });

  it('keeps the role of a search field', () => {
    mountCombobox('search');
    expect(getInput().type).toBe('search');
    expect(getInput().hasAttribute('role')).toBe(false);
    expect(getInput().hasAttribute('aria-expanded')).toBe(false);
  });

  it('suggests nothing where it would cover what is to be seen', async () => {
    mountCombobox('search', true);
    await type('se');
    expect(listOptions()).toEqual([]);
    expect(lookups).toEqual([]);
  });

  it('chooses with the arrows, round and round, and picks with Enter', async () => {
    mountCombobox();
    await type('se');
    expect(getActiveOption()).toBeNull();
    press('ArrowUp');
    expect(getActiveOption()).toBe('#season');
    press('ArrowDown');
    press('ArrowDown');
    expect(getActiveOption()).toBe('#seal');
    expect(press('Enter').defaultPrevented).toBe(true);
    expect(onpick).toHaveBeenCalledExactlyOnceWith(SUGGESTIONS[1]);
    expect(listOptions()).toEqual([]);
    expect(onkeydown).not.toHaveBeenCalled();
  });

  it('picks with the pointer, and the field keeps the focus', async () => {
    mountCombobox();
    await type('se');
    const option = document.querySelector('[role=option]');
    const events = ['pointerdown', 'mousedown', 'click'].map(
      (name) => new Event(name, { bubbles: true, cancelable: true }),
    );
    for (const event of events) {
      // The list stays until the click: it would go to what lies below, and a finger may scroll the list instead.
      expect(listOptions()).toHaveLength(3);
      option?.dispatchEvent(event);
      flushSync();
    }
    expect(events[1]?.defaultPrevented).toBe(true);
    expect(listOptions()).toEqual([]);
    expect(onpick).toHaveBeenCalledExactlyOnceWith(SUGGESTIONS[0]);
  });

  it('leaves keys that the list has no use for to its owner', async () => {
    mountCombobox();
    expect(press('ArrowDown').defaultPrevented).toBe(false);
    await type('se');
    expect(press('Enter').defaultPrevented).toBe(false);
    expect(onkeydown.mock.calls.map(([{ key }]) => key)).toEqual(['ArrowDown', 'Enter']);
    expect(onpick).not.toHaveBeenCalled();
  });

  it('closes the list with Escape, on blur, and when there is nothing to suggest', async () => {
    mountCombobox();
    for (const close of [
      () => void press('Escape'),
      () => void getInput().dispatchEvent(new FocusEvent('blur')),
      () => type('sea '),
      () => type(''),
    ]) {
      await type('se');
      expect(listOptions()).toHaveLength(3);
      await close();
      flushSync();
      expect(listOptions()).toEqual([]);
    }
  });

  it('asks once after a burst of letters, and drops answers that come too late', async () => {
    mountCombobox();
    for (const text of ['s', 'se', 'sea']) {
      getInput().value = text;
      getInput().dispatchEvent(new Event('input', { bubbles: true }));
    }
    await vi.advanceTimersByTimeAsync(200);
    expect(lookups).toHaveLength(1);
    getInput().dispatchEvent(new FocusEvent('blur'));
    expect(lookups[0]?.aborted).toBe(true);
  });
});
