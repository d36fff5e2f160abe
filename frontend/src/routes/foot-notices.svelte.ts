/** What concerns every page, at the foot of the screen, one above the other (`.notices` of `app.css`). */
import { mount, untrack } from 'svelte';
import { importAgain } from '../app/import-again';
import { OnDemand } from '../app/on-demand.svelte';
import OfflineNotice from '../components/notices/OfflineNotice.svelte';
import '../search/search-shortcut';
import { hasDatabase } from '../upload/keeping/database';
import { uploads } from '../upload/loading/uploads-on-demand';

const notices = document.body.appendChild(document.createElement('div'));
notices.className = 'notices';

// What else stands at the foot of the screen, and the end of the page, are above them.
new ResizeObserver(() =>
  document.documentElement.style.setProperty('--notices', `${notices.offsetHeight}px`),
).observe(notices);

mount(OfflineNotice, { target: notices });

/**
 * Says how many photos wait for a sign-in. Visitors in whose browser nobody has left any never load it. Where it cannot be
 * loaded, it is tried again once there is a connection.
 */
const waitingNotice = new OnDemand(() =>
  importAgain(() => import('../components/upload/WaitingNotice.svelte')),
);

$effect.root(() => {
  $effect(() => {
    if (uploads.part !== null) untrack(() => waitingNotice.prefetch());
  });
  $effect(() => {
    const { part } = waitingNotice;
    if (part !== null) untrack(() => mount(part.default, { target: notices }));
  });
});
hasDatabase().then(
  (isThere) => (isThere ? waitingNotice.prefetch() : undefined),
  () => undefined,
);
