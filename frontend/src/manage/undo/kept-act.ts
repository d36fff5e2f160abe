/** The act that can be undone, kept for this tab, so that a reload does not shorten the minutes that people have for it. */

/** What every act has that is kept for a time. */
interface Expiring {
  /** Server ms. */
  until: number;
  /** Whose act it is: nobody else may see it. */
  owner: string | null;
}

/** UTF-16 units of JSON at most: the storage of a tab has some millions, and others need it, too. */
const MAX_LENGTH = 1_000_000;

export type ActStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The one act of a kind that this tab keeps. */
export class KeptAct<T extends Expiring> {
  constructor(
    private readonly storage: ActStorage,
    private readonly key: string,
    /** Whether a value that an earlier release may have written is such an act. */
    private readonly isAct: (value: Partial<T>) => boolean,
    private readonly maxLength = MAX_LENGTH,
  ) {}

  /** The act of this owner with the time that is left of it (ms), if there is any; anything else is removed. */
  read(owner: string | null): { act: T; left: number } | null {
    const stored = this.storage.getItem(this.key);
    if (stored === null) return null;
    const { act, ahead } = this.#parse(stored);
    // After a reload, the server has not said yet what time it is.
    const left = act === null ? 0 : act.until - (Date.now() + ahead);
    if (act !== null && act.owner === owner && left > 0) return { act, left };
    this.remove();
    return null;
  }

  /** Keeps an act in the place of the one before; returns whether there was room for it. `now` is in server ms. */
  write(act: T, now: number): boolean {
    const text = JSON.stringify({ act, ahead: now - Date.now() });
    // The act before must not be taken for this one where there is no room.
    this.remove();
    if (text.length > this.maxLength) return false;
    try {
      this.storage.setItem(this.key, text);
      return true;
    } catch {
      return false;
    }
  }

  remove(): void {
    this.storage.removeItem(this.key);
  }

  /** `ahead`: how far the server's clock was ahead of the local one (ms). */
  #parse(text: string): { act: T | null; ahead: number } {
    try {
      const { act, ahead } = JSON.parse(text) as { act: Partial<T>; ahead: number };
      const isTimed = typeof act.until === 'number' && typeof act.owner === 'string';
      return { act: isTimed && this.isAct(act) ? (act as T) : null, ahead };
    } catch {
      return { act: null, ahead: 0 };
    }
  }
}
