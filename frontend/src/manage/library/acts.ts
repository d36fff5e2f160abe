/** The act that “Undo” is about: an edit or a deletion, with its words. */
import { formatCount } from '../../app/format';
import type { Batch } from '../batch/batch.svelte';
import type { Failure } from '../batch/send-in-chunks';
import type { Deletion } from '../deletion/deletions.svelte';
import type { UndoableEdit } from '../undo/edits.svelte';
import { deletions, edits } from './library';

export interface Act {
  /** The rest of an act, after an undo that has failed for some pictures, has the same key. */
  key: string;
  /** The number of the request for it. */
  request: number;
  /** Null for an edit. */
  deletion: Deletion | null;
  ids: readonly string[];
  /** What was done. */
  text: string;
  /** What was not done, or cannot be undone, as a sentence; else empty. */
  remark: string;
  /** Server ms. */
  until: number;
  /** Whether it can be undone after a reload, too. */
  isKept: boolean;
  /** `batch` has the ids of the act. */
  undo: (batch: Batch) => Promise<Undone>;
  /** What is announced when all of it is undone. */
  success: string;
  /** What is said before the reason why so many pictures were not undone. */
  describeFailure: (pictures: string) => string;
  /** Withdraws the offer to undo this act. An offer to undo another act stays. */
  dismiss: () => void;
}

/** How an undo has ended. */
export interface Undone {
  failures: readonly Failure[];
  /** What can be tried again; null where there is nothing. */
  rest: Act | null;
}

/** The act that is offered to be undone: the one that was asked for last. */
export function findLatestAct(): Act | null {
  const edit = edits.latest;
  const deletion = deletions.latest;
  if (edit !== null && edit.request >= (deletion?.request ?? 0)) return createEditAct(edit);
  return deletion === null ? null : createDeletionAct(deletion);
}

/** An act without the pictures that were restored otherwise, as from the list of deleted ones; null where none are left. */
export function leaveOut(act: Act, restored: ReadonlySet<string>): Act | null {
  if (act.deletion === null) return act;
  const ids = act.ids.filter((id) => !restored.has(id));
  if (ids.length === act.ids.length) return act;
  const what = formatCount(ids.length, 'picture');
  return ids.length === 0 ? null : createDeletionAct({ ...act.deletion, ids, what });
}

function createEditAct(edit: UndoableEdit): Act {
  const unknown = formatCount(edit.lostCount, 'picture');
  return {
    key: edit.id,
    request: edit.request,
    deletion: null,
    ids: edit.reversals.map(({ id }) => id),
    text: `${edit.what} changed.`,
    remark: edit.lostCount === 0 ? edit.remark : `Of ${unknown} it is not known what was there before.`,
    until: edit.until,
    isKept: edits.isKept,
    undo: async (batch) => {
      const { failures, rest } = await edits.undo(batch, edit);
      return { failures, rest: rest && createEditAct(rest) };
    },
    success: `The change of ${edit.what} is undone.`,
    describeFailure: (pictures) => `${pictures} could not be changed back`,
    dismiss: () => {
      if (edits.latest?.id === edit.id) edits.dismiss();
    },
  };
}

function createDeletionAct(deletion: Deletion): Act {
  // Pictures are restored in their order: what is left has the last of them.
  const key = deletion.ids.at(-1) ?? '';
  return {
    key,
    request: deletion.request,
    deletion,
    ids: deletion.ids,
    text: `Deleted ${deletion.what}.`,
    remark: '',
    until: deletion.until,
    isKept: true,
    undo: async (batch) => {
      const failures = await deletions.restore(batch, { isPatient: true });
      const failed = new Set(failures.map(({ id }) => id));
      const ids = deletion.ids.slice(batch.sent).filter((id) => failed.has(id));
      const what = ids.length === deletion.ids.length ? deletion.what : formatCount(ids.length, 'picture');
      return { failures, rest: ids.length === 0 ? null : createDeletionAct({ ...deletion, ids, what }) };
    },
    success: `${deletion.what} restored.`,
    describeFailure: (pictures) => `${pictures} could not be restored`,
    dismiss: () => {
      if (deletions.latest?.ids.includes(key) === true) deletions.dismiss();
    },
  };
}
