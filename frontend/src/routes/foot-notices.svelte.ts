/** What concerns every page: that there is no network, below the header, and what waits, at the foot of the screen. */
import { mount, untrack } from 'svelte';
import { foot } from '../app/foot';
import { importAgain } from '../app/import-again';
import { OnDemand } from '../app/on-demand.svelte';
import OfflineNotice from '../components/notices/OfflineNotice.svelte';
import '../search/search-shortcut';
import { hasDatabase } from '../upload/keeping/database';
import { uploads } from '../upload/loading/uploads-on-demand';

// A reader searches at the top, and sees there why nothing new is found. What is below makes room for the notice.
const content = document.getElementById('content');
if (content?.parentElement) mount(OfflineNotice, { target: content.parentElement, anchor: content });

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
    if (part !== null) untrack(() => mount(part.default, { target: foot }));
  });
});
hasDatabase().then(
  (isThere) => (isThere ? waitingNotice.prefetch() : undefined),
  () => undefined,
);
