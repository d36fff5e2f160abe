/** What a browser keeps, in memory: the store of queues, and the locks of the pages. */
import { sleep } from '../../fixtures';
import type { ChoiceRecord } from '../../../src/upload/file/open-choice';
import type {
  ChoiceChanges,
  FileContent,
  FileRecord,
  KeptFile,
  QueueStore,
} from '../../../src/upload/keeping/queue-store';
import type { PendingKind, PendingRecord, PendingStore } from '../../../src/upload/keeping/pending-records';

export class MemoryStore implements QueueStore {
  records = new Map<string, FileRecord>();
  contents = new Map<string, FileContent>();
  choices = new Map<string, ChoiceRecord>();
  hasSpace = true;
  /** Whether only what is small can be written. */
  hasSpaceForCopies = true;
  /** Whether nothing at all can be written. */
  isBroken = false;
  /** How long it takes to copy a file. */
  copyMs = 0;

  async listRecords(): Promise<FileRecord[]> {
    return [...this.records.values()];
  }

  async listContents(): Promise<ReadonlySet<string>> {
    return new Set(this.contents.keys());
  }

  async move(ids: readonly string[], page: string): Promise<KeptFile[]> {
    return ids.flatMap((id) => {
      const record = this.records.get(id);
      if (record === undefined) return [];
      this.records.set(id, { ...record, page });
      return [{ record: { ...record, page }, content: this.contents.get(id) ?? null }];
    });
  }

  async putRecords(records: readonly FileRecord[], choices: ChoiceChanges = new Map()): Promise<void> {
    if (this.isBroken) throw new DOMException('The disk is full.', 'QuotaExceededError');
    for (const record of records) this.records.set(record.id, structuredClone(record));
    for (const [id, choice] of choices) {
      if (choice === null) this.choices.delete(id);
      else this.choices.set(id, structuredClone(choice));
    }
  }

  async listChoices(): Promise<ChoiceRecord[]> {
    return [...this.choices.values()];
  }

  async putContents(contents: ReadonlyMap<string, FileContent>): Promise<ReadonlySet<string>> {
    const hasCopies = [...contents.values()].some((content) => content instanceof File);
    if (!this.hasSpace || (hasCopies && !this.hasSpaceForCopies))
      throw new DOMException('There is no space.', 'QuotaExceededError');
    if (hasCopies && this.copyMs > 0) await sleep(this.copyMs);
    const stored = [...contents].filter(([id]) => this.records.has(id));
    for (const [id, content] of stored) this.contents.set(id, content);
    return new Set(stored.map(([id]) => id));
  }

  async deleteContents(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.contents.delete(id);
  }

  async delete(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.records.delete(id);
    await this.deleteContents(ids);
  }
}

/** What pages have still to do. */
export class MemoryPending implements PendingStore {
  readonly all = { deletion: new Map<string, PendingRecord>(), edit: new Map<string, PendingRecord>() };

  async listPending(kind: PendingKind): Promise<PendingRecord[]> {
    return [...this.all[kind].values()];
  }

  async putPending(kind: PendingKind, changes: ReadonlyMap<string, PendingRecord | null>): Promise<void> {
    for (const [page, record] of changes) {
      if (record === null) this.all[kind].delete(page);
      else this.all[kind].set(page, structuredClone(record));
    }
  }
}

/** Locks that pages hold until they end. */
export class MemoryLocks {
  #held = new Map<string, { page: string; waiting: (() => void)[] }>();

  /** The locks as one page asks for them. */
  of(page: string): Pick<LockManager, 'request' | 'query'> {
    const request = async (name: string, ...rest: unknown[]): Promise<unknown> => {
      const callback = rest.at(-1) as (lock: Lock | null) => unknown;
      const { ifAvailable = false } = rest.length > 1 ? (rest[0] as LockOptions) : {};
      while (this.#held.has(name)) {
        if (ifAvailable) return callback(null);
        await new Promise<void>((resolve) => this.#held.get(name)?.waiting.push(resolve));
      }
      this.#held.set(name, { page, waiting: [] });
      const result = await callback({ name, mode: 'exclusive' });
      this.#release(name);
      return result;
    };
    const query = async (): Promise<LockManagerSnapshot> => ({
      held: [...this.#held.keys()].map((name) => ({ name, mode: 'exclusive' })),
    });
    return { request, query } as unknown as Pick<LockManager, 'request' | 'query'>;
  }

  /** A page has been closed, or has crashed. */
  end(page: string): void {
    for (const [name, held] of [...this.#held]) if (held.page === page) this.#release(name);
  }

  #release(name: string): void {
    const held = this.#held.get(name);
    this.#held.delete(name);
    for (const resolve of held?.waiting ?? []) resolve();
  }
}

/** What localStorage has. */
export class MemoryStorage {
  readonly #entries = new Map<string, string>();

  get length(): number {
    return this.#entries.size;
  }

  key(index: number): string | null {
    return [...this.#entries.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#entries.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#entries.set(key, value);
  }

  removeItem(key: string): void {
    this.#entries.delete(key);
  }
}
