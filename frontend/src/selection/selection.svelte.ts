/** What a click, a key or the end of a drag says about a selection. */
export interface SelectionEvent {
  shiftKey: boolean;
}

/** Which pictures of a list are selected. The order of the list is what ranges go by. The fields are reactive. */
export class Selection {
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  /** How often a person has changed the selection. A picture that leaves the list is no act of theirs. */
  acts = $state(0);
  /** Where a range begins: the picture that was selected or unselected last. */
  #anchor: string | null = null;
  /** A drag that is under way: what was selected before it, where it began, and whether it selects or unselects. */
  #drag: { before: ReadonlySet<string>; from: string; isSelecting: boolean } | null = null;

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The selected ids in the order of the list. */
  listIn(order: readonly string[]): string[] {
    return order.filter((id) => this.#ids.has(id));
  }

  /** A click on the box of a picture; with Shift it is the end of a range. */
  click(id: string, order: readonly string[], { shiftKey }: SelectionEvent): void {
    if (shiftKey) this.extendTo(id, order);
    else this.toggle(id);
  }

  toggle(id: string): void {
    this.#set([id], !this.#ids.has(id));
    this.#anchor = id;
    this.acts += 1;
  }

  /**
   * Gives all pictures from the last one that was touched to this one the same state as that one has. Without such a
   * picture, or when the list lacks it, only this picture is selected beside the others.
   */
  extendTo(id: string, order: readonly string[]): void {
    const from = this.#anchor === null ? -1 : order.indexOf(this.#anchor);
    const to = order.indexOf(id);
    if (from === -1 || to === -1) {
      this.toggle(id);
      return;
    }
    const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.#set(range, this.#anchor === null || this.#ids.has(this.#anchor));
    this.acts += 1;
  }

  /** Shift and an arrow key have moved the focus from one picture to the next: both are selected. */
  extendFrom(id: string, next: string, order: readonly string[]): void {
    if (!this.#ids.has(id)) this.toggle(id);
    this.extendTo(next, order);
  }

  /** A drag begins at this picture: it selects, or unselects when the picture is selected already. */
  beginDrag(id: string): void {
    this.#drag = { before: this.#ids, from: id, isSelecting: !this.#ids.has(id) };
  }

  /** The drag has come to this picture. Whatever it has passed and left again is as it was before. */
  dragTo(id: string, order: readonly string[]): void {
    if (this.#drag === null) return;
    const { before, from, isSelecting } = this.#drag;
    const ends = [order.indexOf(from), order.indexOf(id)];
    if (ends.includes(-1)) return;
    this.#ids = before;
    this.#set(order.slice(Math.min(...ends), Math.max(...ends) + 1), isSelecting);
  }

  endDrag(): void {
    if (this.#drag === null) return;
    this.#anchor = this.#drag.from;
    this.#drag = null;
    this.acts += 1;
  }

  selectAll(order: readonly string[]): void {
    this.#ids = new Set(order);
    this.#anchor = null;
    this.acts += 1;
  }

  clear(): void {
    this.#ids = new Set();
    this.#anchor = null;
    this.acts += 1;
  }

  /** Forgets pictures, because something was done with them. */
  remove(ids: readonly string[]): void {
    this.#set(ids, false);
  }

  /** Forgets pictures that the list no longer has. */
  keepOnly(order: readonly string[]): void {
    const kept = order.filter((id) => this.#ids.has(id));
    if (kept.length < this.#ids.size) this.#ids = new Set(kept);
  }

  /** Control+A selects all, Escape nothing. Returns whether the key was one of them. */
  takeKey(event: KeyboardEvent, order: readonly string[]): boolean {
    if (event.key === 'Escape' && this.size > 0) this.clear();
    else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) this.selectAll(order);
    else return false;
    event.preventDefault();
    return true;
  }

  #set(ids: readonly string[], isSelected: boolean): void {
    const next = new Set(this.#ids);
    for (const id of ids) {
      if (isSelected) next.add(id);
      else next.delete(id);
    }
    this.#ids = next;
  }
}
