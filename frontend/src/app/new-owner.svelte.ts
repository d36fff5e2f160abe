import { untrack } from 'svelte';
import { session } from './session.svelte';

/** Calls back, from now on, whenever whoever was signed in has signed out, or somebody else has signed in. */
export function onNewOwner(callback: () => void): void {
  let last = session.owner;
  $effect.root(() => {
    $effect(() => {
      const owner = session.token === null ? null : session.owner;
      if (owner === last) return;
      last = owner;
      untrack(callback);
    });
  });
}
