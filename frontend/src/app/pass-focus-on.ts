import { focusHeading } from './router.svelte';

/** The element with the focus, where an element around it says what gets the focus next. */
let focused: Element | null = null;
let focusNext: () => unknown;
let timer: ReturnType<typeof setTimeout> | undefined;

const observer = new MutationObserver(() => {
  if (focused === null || focused.isConnected) return;
  forget();
  const focus = focusNext;
  // Whatever has removed the element may have a better place for the focus, which may go at once in its turn.
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (isFree()) focus();
    if (isFree()) focusHeading();
  });
});

function isFree(): boolean {
  return document.activeElement === document.body;
}

function forget(): void {
  focused = null;
  observer.disconnect();
}

/**
 * Keeps the focus in the page where an element goes with the focus in it, or what has the focus in it goes: `focus` puts the focus
 * elsewhere, and where it does not, the heading of the page gets it. Nothing is done where something else has the focus by then, or
 * where nothing had it any more. Of elements within each other, the inner one decides. An attachment.
 */
export function passFocusOn(focus: () => unknown = focusHeading): (element: HTMLElement) => void {
  return (element) => {
    element.addEventListener('focusin', ({ target }) => {
      if (focused === target) return;
      focused = target as Element;
      focusNext = focus;
      observer.observe(document, { childList: true, subtree: true });
    });
    // Chromium has this event also for an element that is just being removed, and all browsers for one whose window is left.
    element.addEventListener('focusout', () =>
      queueMicrotask(() => {
        if (focused?.isConnected && focused !== document.activeElement) forget();
      }),
    );
  };
}
