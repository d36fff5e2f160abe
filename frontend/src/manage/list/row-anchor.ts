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
const PERSON_EVENTS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

function listRows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-upload-id]:not([data-state="deleted"])')];
}

/** The first row that is not above the screen; null while the list is not scrolled. */
export function findAnchor(): RowAnchor | null {
  if (scrollY === 0) return null;
  for (const row of listRows()) {
    const { top } = row.getBoundingClientRect();
    if (top >= 0) return { id: row.dataset.uploadId ?? '', top };
  }
  return null;
}

/** Scrolls so that the row is where it was, as long as nobody scrolls or types. */
export function holdAnchor(anchor: RowAnchor): void {
  let frames = FRAMES;
  const end = (): void => {
    frames = 0;
    for (const type of PERSON_EVENTS) removeEventListener(type, end);
  };
  for (const type of PERSON_EVENTS) addEventListener(type, end, { passive: true });
  const hold = (): void => {
    const row = listRows().find(({ dataset }) => dataset.uploadId === anchor.id);
    if (frames-- <= 0) return end();
    if (row !== undefined) scrollBy(0, row.getBoundingClientRect().top - anchor.top);
    requestAnimationFrame(hold);
  };
  hold();
}
