/**
 * The last of one's own uploads that became ready. Searches carry it as `since`, an address of their own, so that
 * its author is not shown an answer that the CDN has stored before.
 */
const KEY = 'stockroom.latest';

/** Longer than any answer is stored (ms). */
const MEMORY = 120_000;

type Memory = Pick<Storage, 'getItem' | 'setItem'>;

export class Latest {
  constructor(
    private readonly memory: Memory,
    private readonly now: () => number,
  ) {}

  note(id: string): void {
    this.memory.setItem(KEY, `${this.now()} ${id}`);
  }

  /** What to add to a search. */
  get query(): { since?: string } {
    const [at, since] = (this.memory.getItem(KEY) ?? '').split(' ');
    return since !== undefined && this.now() - Number(at) < MEMORY ? { since } : {};
  }
}
