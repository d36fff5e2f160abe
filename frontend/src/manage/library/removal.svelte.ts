/**
 * What this page deletes of My pictures: it goes on while somebody looks at other pages, and ends with their sign-in. What pages
 * had still to delete that have ended is kept for whoever wanted it.
 */
import { tick, untrack } from 'svelte';
import { localClock } from '../../app/clock';
import { leftToDelete } from '../../app/left-to-delete';
import { session } from '../../app/session.svelte';
import { DELETION_CHANNEL } from '../../upload/keeping/left-deletions';
import { openQueueStore } from '../../upload/keeping/queue-store';
import { KeptDeletions } from '../deletion/kept-deletions.svelte';
import { Removal } from '../deletion/removal.svelte';
import { deletions } from './library';
import { undo } from './undo.svelte';

export const removal = new Removal(deletions, (ids) => undo.countRestorable(ids));

/** Null where the browser cannot tell which pages have ended. */
export const keptDeletions =
  'locks' in navigator && 'BroadcastChannel' in globalThis
    ? new KeptDeletions({
        openStore: openQueueStore,
        locks: navigator.locks,
        channel: new BroadcastChannel(DELETION_CHANNEL),
        clock: localClock,
        page: crypto.randomUUID(),
        getOwner: () => session.owner,
      })
    : null;

leftToDelete.count = () => removal.left.size + (keptDeletions?.left.size ?? 0);

addEventListener('beforeunload', (event) => {
  if (removal.left.size > 0) event.preventDefault();
});

/**
 * Goes on with what pages had still to delete that have ended, as far as it has been told of, and unless it was forgotten in
 * another tab meanwhile.
 */
export async function resumeDeletions(): Promise<void> {
  if (keptDeletions === null) return;
  const { owner } = session;
  const told = new Set(keptDeletions.records.map(({ page }) => page));
  await keptDeletions.look();
  if (session.owner !== owner) return;
  const records = keptDeletions.records.filter(({ page }) => told.has(page));
  const names = new Map(records.flatMap(({ pictures }) => [...pictures]));
  void removal.delete([...names.keys()], names);
  // It is kept for this page before it is no longer kept for the one that has ended.
  await tick();
  await keptDeletions.dismiss(records);
}

let lastOwner = session.owner;
$effect.root(() => {
  $effect(() => {
    const owner = session.token === null ? null : session.owner;
    if (owner === lastOwner) return;
    lastOwner = owner;
    untrack(() => removal.forget());
  });
  $effect(() => {
    const { left } = removal;
    untrack(() => keptDeletions?.keep(left));
  });
  $effect(() => {
    void session.owner;
    untrack(() => void keptDeletions?.look());
  });
});
