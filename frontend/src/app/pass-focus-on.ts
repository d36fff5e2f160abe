import { tick } from 'svelte';
import { focusHeading } from './router.svelte';

/**
 * Keeps the focus in the page where an element goes by itself, or by one of its buttons: what had the focus in it hands it
 * to the heading of the page, unless something else has it. An attachment.
 */
export function passFocusOn(element: HTMLElement): () => void {
  let hadFocus = false;
  element.addEventListener('focusin', () => (hadFocus = true));
  return () =>
    void tick().then(() => {
      if (hadFocus && document.activeElement === document.body) focusHeading();
    });
}
