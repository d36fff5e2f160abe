import { tick } from 'svelte';
import { focusHeading } from './router.svelte';

/** Where the button that was pressed goes, the focus is on the heading of the page, unless something else has it by then. */
export async function keepFocus(): Promise<void> {
  await tick();
  if (document.activeElement === document.body) focusHeading();
}
