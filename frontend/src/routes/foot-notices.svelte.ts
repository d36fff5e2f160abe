/** What concerns every page, at the foot of the screen, one above the other (`.notices` of `app.css`). */
import { mount } from 'svelte';
import { importAgain } from '../app/import-again';
import OfflineNotice from '../components/notices/OfflineNotice.svelte';
import { hasDatabase } from '../upload/keeping/database';
import { uploads } from '../upload/loading/uploads-on-demand';

const notices = document.body.appendChild(document.createElement('div'));
notices.className = 'notices';

// What else stands at the foot of the screen, and the end of the page, are above them.
new ResizeObserver(() =>
  document.documentElement.style.setProperty('--notices', `${notices.offsetHeight}px`),
).observe(notices);

mount(OfflineNotice, { target: notices });

let isWaitingShown = false;

/** Says how many photos wait for a sign-in. Visitors in whose browser nobody has left any never load it. */
async function showWaiting(): Promise<void> {
  if (isWaitingShown) return;
  isWaitingShown = true;
  try {
    const { default: WaitingNotice } = await importAgain(
      () => import('../components/upload/WaitingNotice.svelte'),
    );
    mount(WaitingNotice, { target: notices });
  } catch {
    isWaitingShown = false;
  }
}

$effect.root(() => {
  $effect(() => {
    if (uploads.part !== null) void showWaiting();
  });
});
hasDatabase().then(
  (isThere) => (isThere ? showWaiting() : undefined),
  () => undefined,
);
