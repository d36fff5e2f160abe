// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Claims } from '../../../src/app/token';
import ReplaceSessionDialog from '../../../src/components/session/ReplaceSessionDialog.svelte';

const onanswer = vi.fn<(isAccepted: boolean) => void>();
let component: ReturnType<typeof mount>;

function createClaims(name: string, subject = name.toLowerCase()): Claims {
  return { issuer: 'stockroom', name, subject, scopes: [], expires: 0 };
}

function show(current: Claims | null, offered: Claims): void {
  component = mount(ReplaceSessionDialog, { target: document.body, props: { current, offered, onanswer } });
  flushSync();
}

beforeEach(() => {
  vi.clearAllMocks();
  show(createClaims('Alice'), createClaims('Bob'));
});

afterEach(() => unmount(component));

function getDialog(): HTMLDialogElement {
  const dialog = document.querySelector('dialog');
  if (dialog === null) throw new Error('There is no dialog.');
  return dialog;
}

describe('ReplaceSessionDialog', () => {
  it('is open, has a name and a text, and names both people', () => {
    const dialog = getDialog();
    expect(dialog.open).toBe(true);
    const title = document.getElementById(dialog.getAttribute('aria-labelledby') ?? '');
    const text = document.getElementById(dialog.getAttribute('aria-describedby') ?? '');
    expect(title?.textContent).toBe('Sign in as Bob?');
    expect(text?.textContent).toMatch(/signs you in as Bob instead of Alice/);
  });

  it.each([
    ['Stay Alice', false],
    ['Sign in as Bob', true],
  ])('answers with the button “%s”', (name, isAccepted) => {
    const button = [...document.querySelectorAll('button')].find((each) => each.textContent.trim() === name);
    button?.click();
    expect(onanswer).toHaveBeenCalledExactlyOnceWith(isAccepted);
  });

  it('keeps the session on Escape, and leaves closing to its owner', () => {
    const event = new Event('cancel', { cancelable: true });
    getDialog().dispatchEvent(event);
    expect(onanswer).toHaveBeenCalledExactlyOnceWith(false);
    expect(event.defaultPrevented).toBe(true);
  });

  it('tells two people of one name apart', () => {
    unmount(component);
    show(createClaims('Alice', 'alice-1'), createClaims('Alice', 'alice-2'));
    expect(getDialog().textContent).toMatch(/instead of Alice \(alice-1\)/);
    const buttons = [...document.querySelectorAll('button')].map((each) => each.textContent.trim());
    expect(buttons).toEqual(['Stay Alice (alice-1)', 'Sign in as Alice (alice-2)']);
  });

  it('asks somebody who is not signed in about the photos that wait', () => {
    unmount(component);
    show(null, createClaims('Bob'));
    expect(getDialog().textContent).toMatch(/Photos are waiting in this tab/);
    expect(document.querySelector('button')?.textContent.trim()).toBe('Stay signed out');
  });
});
