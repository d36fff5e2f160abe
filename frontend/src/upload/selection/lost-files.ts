const STORAGE_KEY = 'stockroom.unsent';

/**
 * How many chosen files were not sent when the page was last alive in this tab. A page that is loaded again has no file any
 * more, and a phone reloads a page without a question when it needs the memory.
 */
export class LostFiles {
  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {}

  get count(): number {
    return Number(this.storage.getItem(STORAGE_KEY) ?? 0);
  }

  record(count: number): void {
    if (count > 0) this.storage.setItem(STORAGE_KEY, String(count));
    else this.storage.removeItem(STORAGE_KEY);
  }
}
