/** Selecting with a drag of the mouse, from the box of one picture, or from the space between pictures, over others. */
import type { Selection } from './selection.svelte';

/** The elements of pictures in a list have their ids in this attribute. */
const ATTRIBUTE = 'data-select-id';

/** What begins a drag: the box of a picture, on a mouse. A finger scrolls. */
const HANDLE = '[data-select-handle]';

/** Has an element that contains pictures take drags. Returns what ends that. `getOrder` lists what can be selected. */
export function listenForDrags(
  element: HTMLElement,
  selection: Selection,
  getOrder: () => readonly string[],
): () => void {
  let from: string | null = null;
  /** The drag has begun between pictures: the first one that it comes to is where the selection begins. */
  let isBetween = false;
  let isDragging = false;

  function begin(event: PointerEvent): void {
    if (event.pointerType !== 'mouse' || event.button !== 0 || event.shiftKey) return;
    const id = findId(event.target);
    isBetween = id === null && event.target instanceof HTMLUListElement;
    const isOnPicture = id !== null && getOrder().includes(id);
    if (isOnPicture && (isEdge(event.target) || (event.target as Element).closest(HANDLE))) from = id;
  }

  function move(event: PointerEvent): void {
    if (from === null && !isBetween) return;
    const id = findId(event.target);
    if (id === null || (!isDragging && id === from)) return;
    if (from === null) {
      if (!getOrder().includes(id)) return;
      from = id;
    }
    if (!isDragging) selection.beginDrag(from);
    isDragging = true;
    selection.dragTo(id, getOrder());
  }

  function end(): void {
    from = null;
    isBetween = false;
    if (!isDragging) return;
    isDragging = false;
    selection.endDrag();
    // Where the mouse is released on the picture where the drag began, the browser makes a click of it.
    addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0);
  }

  /** The browser would drag the picture itself, or select texts. */
  function keep(event: Event): void {
    if (from !== null || isBetween) event.preventDefault();
  }

  element.addEventListener('pointerdown', begin);
  addEventListener('pointermove', move);
  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
  element.addEventListener('dragstart', keep);
  element.addEventListener('selectstart', keep);
  return () => {
    end();
    element.removeEventListener('pointerdown', begin);
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', end);
    removeEventListener('pointercancel', end);
    element.removeEventListener('dragstart', keep);
    element.removeEventListener('selectstart', keep);
  };
}

/** Whether a press is on the edge of a picture's place, beside all that is in it. */
function isEdge(target: EventTarget | null): boolean {
  return target instanceof Element && target.hasAttribute(ATTRIBUTE);
}

function findId(target: EventTarget | null): string | null {
  return target instanceof Element
    ? (target.closest(`[${ATTRIBUTE}]`)?.getAttribute(ATTRIBUTE) ?? null)
    : null;
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
