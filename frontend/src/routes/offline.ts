/** Prepares the page for times without a network. Loaded once the page is there. */
import { language } from '../app/texts';
import { hasDatabase } from '../upload/keeping/database';
import { mayHaveFiles } from '../upload/loading/uploads-on-demand';

// They say that there is no connection, or no answer, when nothing can be loaded any more.
void import('./foot-notices.svelte').catch(() => undefined);
void import('../components/search/SearchOutage.svelte').catch(() => undefined);
void import('../search/refresh.svelte').catch(() => undefined);
void import('../components/search/RefreshOutage.svelte').catch(() => undefined);
void import('../components/search/StillLooking.svelte').catch(() => undefined);
// What it says above the results moves them when it comes after them.
void import('../components/search/Interpretation.svelte').catch(() => undefined);

/**
 * Registers the service worker, which stores the page's files. It is told the reader's language, and whether the files of
 * contributors are wanted, too. The build writes it (`vite/offline.ts`).
 */
async function register(): Promise<void> {
  await navigator.serviceWorker.register('/sw.js');
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage(language);
  if (mayHaveFiles()) active?.postMessage('uploads');
}

// A browser that forbids it has the page as before. Vite's server has no worker.
if (import.meta.env.PROD && 'serviceWorker' in navigator) register().catch(() => undefined);

/** The files that this browser keeps for uploads go after their time, also where nobody signs in again. */
async function deleteOldRecords(): Promise<void> {
  if (!(await hasDatabase())) return;
  await (await import('../upload/keeping/old-records')).deleteOldRecords();
}

// An old browser cannot tell what there is, and keeps it until somebody signs in.
deleteOldRecords().catch(() => undefined);
