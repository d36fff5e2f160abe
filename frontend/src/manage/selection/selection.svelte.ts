/** Which rows of a list are selected. The order of the list is what ranges go by. The fields are reactive. */
export class Selection {
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  /** Where a range begins: the row that was selected or unselected last. */
  #anchor: string | null = null;

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

  toggle(id: string): void {
    this.#set([id], !this.#ids.has(id));
    this.#anchor = id;
  }

  /**
   * Gives all rows from the last one that was touched to this one the same state as that one has. Without such a row, or
   * when the list lacks it, only this row is selected beside the others.
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
  }

  selectAll(order: readonly string[]): void {
    this.#ids = new Set(order);
    this.#anchor = null;
  }

  clear(): void {
    this.#ids = new Set();
    this.#anchor = null;
  }

  /** Forgets rows that the list no longer has. */
  keepOnly(order: readonly string[]): void {
    const kept = order.filter((id) => this.#ids.has(id));
    if (kept.length < this.#ids.size) this.#ids = new Set(kept);
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
