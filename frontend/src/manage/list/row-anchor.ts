import { focusHeading } from '../../app/router.svelte';

/**
 * Which row of a list is at the top of the screen, for whoever comes back to it. Rows that are not on the screen have estimated
 * heights, so that a scroll position alone leads to a place nearby.
 */
export interface RowAnchor {
  id: string;
  /** Pixels from the top of the screen to the row. */
  top: number;
}

/** Frames for which the row is held in its place: until then, the heights of the rows before it are known. */
const FRAMES = 40;

/** Rows that are loaded again at most, which takes ten requests. */
const MAX_ROWS = 1000;

const PERSON_EVENTS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

function listRows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-upload-id]:not([data-state="deleted"])')];
}

/** What whoever comes back finds again. */
export interface RowPlace {
  /** The first row that is not above the screen; null while the list is not scrolled. */
  anchor: RowAnchor | null;
  /** How many rows lead to the end of the screen; of a list that is not scrolled, all. */
  rows: number;
}

/** Which place of a list with these rows the screen shows. */
export function findPlace(ids: readonly string[]): RowPlace {
  let anchor: RowAnchor | null = null;
  let last = '';
  if (scrollY === 0) return { anchor, rows: Math.min(ids.length, MAX_ROWS) };
  for (const row of listRows()) {
    const { top } = row.getBoundingClientRect();
    if (anchor !== null && top >= innerHeight) break;
    if (top < 0) continue;
    last = row.dataset.uploadId ?? '';
    anchor ??= { id: last, top };
  }
  return { anchor, rows: Math.min(ids.indexOf(last) + 1, MAX_ROWS) };
}

/**
 * Scrolls so that the row is where it was: while rows are still loaded, and until the heights of those before it are known.
 * Ends when somebody scrolls or types, and tells so.
 */
export function holdAnchor(anchor: RowAnchor, isLoading: () => boolean, onperson: () => void): void {
  let frames = FRAMES;
  const end = (): void => {
    frames = 0;
    for (const type of PERSON_EVENTS) removeEventListener(type, handlePerson);
  };
  const handlePerson = (): void => {
    end();
    onperson();
  };
  for (const type of PERSON_EVENTS) addEventListener(type, handlePerson, { passive: true });
  const hold = (): void => {
    if (frames <= 0) return end();
    if (!isLoading()) frames -= 1;
    const row = listRows().find(({ dataset }) => dataset.uploadId === anchor.id);
    if (row !== undefined) scrollBy(0, row.getBoundingClientRect().top - anchor.top);
    requestAnimationFrame(hold);
  };
  hold();
}

/** The row in which something was clicked; null where that was elsewhere. */
export function findRow(target: EventTarget | null): string | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-upload-id]') : null;
  return row?.dataset.uploadId ?? null;
}

/** Whether nothing has the focus: what had it has gone, and nobody has gone on elsewhere. */
export function isFocusFree(): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement.matches('body, h1');
}

/**
 * Puts the focus on the box, or the field, of a picture in any view of the list, else on the heading, unless somebody has gone on
 * meanwhile.
 */
export function focusBox(id: string): void {
  if (!isFocusFree()) return;
  const name = CSS.escape(id);
  const box = document.querySelector<HTMLElement>(
    `[data-upload-id="${name}"] :is(input, textarea), [data-keep-group] input[value="${name}"]`,
  );
  if (box === null) focusHeading();
  else box.focus();
}

/** Puts the focus on the link of a row, once it is there, unless somebody has gone on meanwhile. */
export function focusRow(id: string, frames = FRAMES): void {
  if (frames <= 0 || !isFocusFree()) return;
  const row = listRows().find(({ dataset }) => dataset.uploadId === id);
  const link = row?.querySelector<HTMLElement>('a');
  if (link) link.focus({ preventScroll: true });
  else requestAnimationFrame(() => focusRow(id, frames - 1));
}
