/**
 * What this page has of edits that are not saved: it is kept in this browser until it is saved or discarded, and what pages have
 * left that have ended is saved once whoever has typed it asks for that.
 */
import { untrack } from 'svelte';
import { contributorApi } from '../../app/contributor-api';
import { pendingCounts } from '../../app/pending-counts';
import { onNewOwner } from '../../app/new-owner.svelte';
import { session } from '../../app/session.svelte';
import { pictureChanges } from '../../pictures/picture-changes.svelte';
import type { PendingEdit, PendingRecord } from '../../upload/keeping/pending-records';
import { createPendingWork, takeOver } from '../pending/create-pending-work';
import { EditSender } from '../pending/edit-sender.svelte';
import { UnsavedEdits } from '../pending/unsaved-edits.svelte';
import { editApi, edits } from './library';

/** What somebody has typed in the forms of this page. */
export const unsavedEdits = new UnsavedEdits(() => session.owner);

export const editSender = new EditSender({
  api: contributorApi,
  editApi,
  changes: pictureChanges,
  edits,
  getOwner: () => session.owner,
  onrefused: () => session.refuse(),
});

/** Null where the browser cannot tell which pages have ended. */
export const pendingEdits = createPendingWork('edit');

/** The edits that were not saved when their pages ended. */
export function listLeftEdits(): readonly PendingEdit[] {
  return mergeEdits(pendingEdits?.left ?? []);
}

function mergeEdits(records: readonly PendingRecord[]): readonly PendingEdit[] {
  return records.flatMap((record) => record.edits ?? []);
}

pendingCounts.edits = () => unsavedEdits.all.length + editSender.unsaved.length + listLeftEdits().length;

addEventListener('beforeunload', (event) => {
  if (editSender.isRunning) event.preventDefault();
});

/** Saves what was not saved when pages ended, as far as it has been told of, and what has failed since. */
export async function saveLeftEdits(): Promise<void> {
  void editSender.sendAgain();
  await takeOver(pendingEdits, (records) => void editSender.send(mergeEdits(records)));
}

/** Somebody does without what was not saved. */
export async function discardLeftEdits(): Promise<void> {
  editSender.discard();
  await pendingEdits?.dismiss();
}

onNewOwner(() => editSender.forget());

$effect.root(() => {
  $effect(() => {
    const unsaved = [...unsavedEdits.all, ...editSender.unsaved];
    untrack(() => pendingEdits?.keep(unsaved.length === 0 ? null : { edits: unsaved }));
  });
  $effect(() => {
    void session.owner;
    untrack(() => void pendingEdits?.look());
  });
});
