/** Saves what a form has of one picture, and says what came of it. */
import { ApiError, hasStatus } from '../../api/errors';
import type { Image, ImageChanges } from '../../api/types';
import { ToldError } from '../../app/messages';
import { findText } from '../../app/texts';
import { findField, type FieldName } from '../fields/fields';
import type { EditDraft } from './edit-draft.svelte';

export interface EditApi {
  editImage(id: string, changes: ImageChanges, revision: number): Promise<Image>;
  /** The picture as it is now, past as many caches as possible. */
  getCurrentImage(id: string): Promise<Image>;
}

export type SaveResult =
  | { kind: 'saved'; image: Image }
  /** Somebody else has saved meanwhile. The draft has been rebased on that, and nothing is saved yet. */
  | { kind: 'conflict' }
  /** Fields are wrong: `draft.errors` says which. */
  | { kind: 'invalid' };

/** Rejects with whatever else went wrong; the draft is then as it was. */
export async function saveEdit(api: EditApi, draft: EditDraft): Promise<SaveResult> {
  draft.errors = {};
  const { id, revision } = draft.base;
  try {
    const image = await api.editImage(id, draft.changes, revision);
    return { kind: 'saved', image };
  } catch (error) {
    if (hasStatus(error, 412)) {
      draft.rebase(await getNewerImage(api, draft.base));
      return { kind: 'conflict' };
    }
    draft.errors = readFieldErrors(error);
    if (Object.keys(draft.errors).length === 0) throw error;
    return { kind: 'invalid' };
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
