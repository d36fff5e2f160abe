/**
 * Whether there is a network, as far as the page knows. Browsers may say that there is one where there is none, so
 * `OfflineNotice` looks for itself.
 */
import { online } from 'svelte/reactivity/window';

class Connection {
  /** Whether the last look found no network. */
  isAway = $state(false);

  get isLost(): boolean {
    return this.isAway || online.current === false;
  }
}

export const connection = new Connection();
