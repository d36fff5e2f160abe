/** Ms for which an upload is remembered: longer than the CDN stores any answer. */
const LIFETIME = 120_000;

const STORAGE_KEY = 'stockroom.latest';

/**
 * The contributor's upload that became ready last. Searches send its id as `since`: the URL differs from those
 * of stored answers, so a contributor finds a new picture at once.
 */
export class LatestUpload {
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    private readonly now: () => number,
  ) {}

  record(id: string): void {
    this.storage.setItem(STORAGE_KEY, `${this.now()} ${id}`);
  }

  /** Returns whether there was one. */
  forget(): boolean {
    const { since } = this.query;
    this.storage.removeItem(STORAGE_KEY);
    return since !== undefined;
  }

  /** The parameters that a search needs beside its own. */
  get query(): { since?: string } {
    const [recordedAt, since] = (this.storage.getItem(STORAGE_KEY) ?? '').split(' ');
    return since !== undefined && this.now() - Number(recordedAt) < LIFETIME ? { since } : {};
  }
}
