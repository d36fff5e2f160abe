/**
 * What this page deletes of My pictures: it goes on while somebody looks at other pages, and ends with their sign-in. What pages
 * had still to delete that have ended is kept for whoever wanted it.
 */
import { untrack } from 'svelte';
import { pendingCounts } from '../../app/pending-counts';
import { onNewOwner } from '../../app/new-owner.svelte';
import { session } from '../../app/session.svelte';
import type { PendingRecord } from '../../upload/keeping/pending-records';
import { Removal } from '../deletion/removal.svelte';
import { createPendingWork, takeOver } from '../pending/create-pending-work';
import { deletions } from './library';
import { undo } from './undo.svelte';

export const removal = new Removal(deletions, (ids) => undo.countRestorable(ids));

/** Null where the browser cannot tell which pages have ended. */
export const pendingDeletions = createPendingWork('deletion');

/** The names, by id, of the pictures that were still to be deleted when their pages ended. */
export function listLeftToDelete(): ReadonlyMap<string, string> {
  return mergePictures(pendingDeletions?.left ?? []);
}

function mergePictures(records: readonly PendingRecord[]): ReadonlyMap<string, string> {
  return new Map(records.flatMap(({ pictures }) => [...(pictures ?? [])]));
}

pendingCounts.deletions = () => removal.left.size + listLeftToDelete().size;

addEventListener('beforeunload', (event) => {
  if (removal.left.size > 0) event.preventDefault();
});

/** Goes on with what pages had still to delete that have ended, as far as it has been told of. */
export async function resumeDeletions(): Promise<void> {
  await takeOver(pendingDeletions, (records) => {
    const names = mergePictures(records);
    void removal.delete([...names.keys()], names);
  });
}

onNewOwner(() => removal.forget());

$effect.root(() => {
  $effect(() => {
    const { left } = removal;
    untrack(() => pendingDeletions?.keep(left.size === 0 ? null : { pictures: left }));
  });
  $effect(() => {
    void session.owner;
    untrack(() => void pendingDeletions?.look());
  });
});
