/** Saves what a form has of one picture, and says what came of it. */
import { ApiError, hasStatus, NetworkError } from '../../api/errors';
import type { Image, ImageChanges } from '../../api/types';
import { ToldError } from '../../app/messages';
import { findText } from '../../app/texts';
import { waitForConnection } from '../../app/wait-for-connection';
import { computeBackoff } from '../../upload/stage/backoff';
import { findField, type FieldName } from '../fields/fields';
import type { EditDraft } from './edit-draft.svelte';

export interface EditApi {
  editImage(id: string, changes: ImageChanges, revision: number): Promise<Image>;
  /** The picture as it is now, past as many caches as possible. */
  getCurrentImage(id: string): Promise<Image>;
}

export type SaveResult =
  /** With the picture as it was before, and the fields that were sent. */
  | { kind: 'saved'; image: Image; before: Image; changed: readonly FieldName[] }
  /** Somebody else has saved meanwhile. The draft has been rebased on that, and nothing is saved yet. */
  | { kind: 'conflict' }
  /** Fields are wrong: `draft.errors` says which. */
  | { kind: 'invalid' };

/** Rejects with whatever else went wrong; the draft is then as it was. */
export async function saveEdit(api: EditApi, draft: EditDraft): Promise<SaveResult> {
  draft.errors = {};
  const { base: before, changed } = draft;
  try {
    const image = await api.editImage(before.id, draft.changes, before.revision);
    return { kind: 'saved', image, before, changed };
  } catch (error) {
    if (hasStatus(error, 412)) {
      const image = await getNewerImage(api, before);
      draft.rebase(image);
      // The answer to the same change was lost before, or somebody else has made it.
      return draft.isChanged ? { kind: 'conflict' } : { kind: 'saved', image, before, changed };
    }
    draft.errors = readFieldErrors(error);
    if (Object.keys(draft.errors).length === 0) throw error;
    return { kind: 'invalid' };
  }
}

/**
 * Saves as `saveEdit` does, and tries again for as long as no answer comes. `onoutage` is told whether that is so. Nobody types
 * meanwhile, but the draft may be rebased: what has become a conflict is not saved, and what is there already need not be.
 */
export async function saveEditPatiently(
  api: EditApi,
  draft: EditDraft,
  signal: AbortSignal,
  onoutage: (isAway: boolean) => void,
  wait = waitForConnection,
): Promise<SaveResult> {
  const { base: before, changed } = draft;
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await saveEdit(api, draft);
      onoutage(false);
      return result;
    } catch (error) {
      onoutage(error instanceof NetworkError && !signal.aborted);
      if (!(error instanceof NetworkError)) throw error;
    }
    await wait(computeBackoff(attempt, Math.random()), signal);
    if (signal.aborted || draft.conflicts.length > 0 || !draft.isChanged) onoutage(false);
    signal.throwIfAborted();
    if (draft.conflicts.length > 0) return { kind: 'conflict' };
    if (!draft.isChanged) return { kind: 'saved', image: draft.base, before, changed };
  }
}

/** The picture as somebody else has saved it. Rejects while a cache still has the one before. */
export async function getNewerImage(api: EditApi, { id, revision }: Image): Promise<Image> {
  const image = await api.getCurrentImage(id);
  if (image.revision > revision) return image;
  throw new ToldError(
    'Somebody has just changed this picture. Try again in a minute, when their change is shown.',
  );
}

/** What the API says about the fields that it names; empty for any other error. */
export function readFieldErrors(error: unknown): Partial<Record<FieldName, string>> {
  const errors: Partial<Record<FieldName, string>> = {};
  if (!(error instanceof ApiError)) return errors;
  for (const { pointer, code, detail } of error.places) {
    const name = findField(pointer);
    if (name !== null) errors[name] ??= findText(code) ?? detail;
  }
  return errors;
}
