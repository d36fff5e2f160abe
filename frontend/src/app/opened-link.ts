/** A sign-in link that was opened. What checks it is loaded then, as most visitors open none. */
import { OnDemand } from './on-demand.svelte';
import { keepWithinSite } from './routes';

export const linkCheck = new OnDemand(() => import('./sign-in.svelte'));

/** Takes the sign-in link out of the address, where others can see its token; null when it has none. */
export function takeLinkFromAddress(): string | null {
  const { hash } = location;
  if (!hash.includes('token=')) return null;
  history.replaceState(history.state, '', keepWithinSite(location.pathname + location.search));
  return hash;
}
