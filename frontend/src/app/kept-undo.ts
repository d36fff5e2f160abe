/**
 * Where this tab keeps what can be undone after a reload, in sessionStorage: ids and names of pictures, whose they are, and of an
 * edit also what every field that it has changed was before: descriptions, tags, credit.
 */
export const KEPT_EDIT = 'stockroom.undo.edit';
export const KEPT_DELETION = 'stockroom.undo.deletion';

/** For a sign-out before the script with “Undo” is there, or where it cannot be loaded. */
export function removeKeptUndo(): void {
  sessionStorage.removeItem(KEPT_EDIT);
  sessionStorage.removeItem(KEPT_DELETION);
}
