import { session } from '../../app/session.svelte';
import { OnDemand } from '../../app/on-demand.svelte';
import { PAGE_KEY } from '../keeping/page-key';

/** The page's upload queue. Visitors never load it. */
export const uploads = new OnDemand(() => import('../queue/uploads.svelte'));

/** Whether the queue may have files to go on with: of whoever is signed in, or those that this tab has kept. */
export function mayHaveFiles(): boolean {
  return session.owner !== null || sessionStorage.getItem(PAGE_KEY) !== null;
}
