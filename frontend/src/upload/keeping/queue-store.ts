/** The upload queues of this browser in IndexedDB: one record a file, and apart from it what the file contains. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { SharedMetadata } from '../../api/types';
import type { Embedded } from '../embedded/embedded';
import type { ChoiceRecord } from '../file/open-choice';
import { DATABASE } from './database';
import type { KeptDraft } from './draft-keeper';
import { PENDING_KINDS, type PendingKind, type PendingRecord, type PendingStore } from './pending-records';
import type { SavedState } from './saved-state';

/** What is kept of a file. */
export interface FileRecord {
  id: string;
  /** The page in some tab that has the file in its list. */
  page: string;
  /** Whose uploads the file is for; null when nobody was signed in. */
  owner: string | null;
  /** The file's place in the list. */
  position: number;
  name: string;
  size: number;
  lastModified: number;
  path: string;
  metadata: SharedMetadata;
  /** Absent where an earlier version of the page has kept the file. */
  ownTitle?: string | null;
  /** Absent where an earlier version of the page has kept the file. */
  embedded?: Embedded | null;
  /** Whether the file, whose hash is known, was being read for `embedded`; absent as above. */
  isReading?: boolean;
  shared: SharedMetadata | null;
  /** Absent where an earlier version of the page has kept the file. */
  keepsCaption?: boolean;
  /** Absent where an earlier version of the page has kept the file. */
  uploadId?: string | null;
  /** Absent where an earlier version of the page has kept the file. */
  isPast?: boolean;
  state: SavedState;
  /** Whether the uploads were paused when this was written: of a page's files, the one that was written last says so. */
  isHalted?: boolean;
  /** The details of the next upload when this was written, as above; null where there were none, absent as above. */
  draft?: KeptDraft | null;
  /** Ms since 1970. */
  saved: number;
}

/** The way to a file's bytes: a handle, or a copy of the file. */
export type FileContent = FileSystemFileHandle | File;

export interface KeptFile {
  record: FileRecord;
  content: FileContent | null;
}

/** What is noted of choices, by their ids; null for one of which nothing is noted any more. */
export type ChoiceChanges = ReadonlyMap<string, ChoiceRecord | null>;

/** What the queue is kept in; tests have one in memory. */
export interface QueueStore {
  listRecords(): Promise<FileRecord[]>;
  /** The ids of the files to which there is a way. */
  listContents(): Promise<ReadonlySet<string>>;
  /** Makes the records of `ids` those of another page; returns them with the ways to their files. */
  move(ids: readonly string[], page: string): Promise<KeptFile[]>;
  /** Writes all of it, or nothing. */
  putRecords(records: readonly FileRecord[], choices?: ChoiceChanges): Promise<void>;
  /** The choices of which not all files are written, as far as was noted. */
  listChoices(): Promise<ChoiceRecord[]>;
  /**
   * Writes what files contain, by the files' ids. Rejects when there is no space. A file whose record has gone leaves nothing.
   * Returns the ids of the others.
   */
  putContents(contents: ReadonlyMap<string, FileContent>): Promise<ReadonlySet<string>>;
  deleteContents(ids: readonly string[]): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
}

/** Records that are read at once: thousands at once would freeze the page. */
const CHUNK = 200;

/**
 * Choices and what pages have still to do lie among the contents, by keys that no file has: stores of their own would need another
 * version of the database, which pages of an earlier release could not open.
 */
const CHOICE = 'choice';
const OTHERS = [CHOICE, ...PENDING_KINDS];

/** The keys of the records of a kind. */
function getRange(kind: string): IDBKeyRange {
  return IDBKeyRange.bound(`${kind}:`, `${kind};`, false, true);
}

interface Schema extends DBSchema {
  uploads: { key: string; value: FileRecord };
  contents: { key: string; value: FileContent | ChoiceRecord | PendingRecord };
}

let opened: Promise<QueueStore & PendingStore> | null = null;

/**
 * The store over the one connection of this page. The connection ends when a page of another release wants to change the
 * database, which would have to wait as long as this page is open; whoever asks for the store afterwards gets another connection.
 */
export function openQueueStore(): Promise<QueueStore & PendingStore> {
  opened ??= connect();
  return opened;
}

async function connect(): Promise<QueueStore & PendingStore> {
  const forget = (): void => {
    opened = null;
  };
  try {
    const database = await openDB<Schema>(DATABASE, 1, {
      upgrade(created) {
        created.createObjectStore('uploads', { keyPath: 'id' });
        created.createObjectStore('contents');
      },
      blocking() {
        forget();
        database.close();
      },
      terminated: forget,
    });
    return new IndexedQueueStore(database);
  } catch (error) {
    forget();
    throw error;
  }
}

class IndexedQueueStore implements QueueStore, PendingStore {
  constructor(private readonly database: IDBPDatabase<Schema>) {}

  async listRecords(): Promise<FileRecord[]> {
    const records: FileRecord[] = [];
    for (let range: IDBKeyRange | null = null; ;) {
      const chunk = await this.database.getAll('uploads', range, CHUNK);
      records.push(...chunk);
      const last = chunk.at(-1);
      if (last === undefined || chunk.length < CHUNK) return records;
      range = IDBKeyRange.lowerBound(last.id, true);
    }
  }

  async listContents(): Promise<ReadonlySet<string>> {
    const keys = await this.database.getAllKeys('contents');
    return new Set(keys.filter((key) => !OTHERS.some((kind) => key.startsWith(`${kind}:`))));
  }

  async listChoices(): Promise<ChoiceRecord[]> {
    return (await this.database.getAll('contents', getRange(CHOICE))) as ChoiceRecord[];
  }

  async listPending(kind: PendingKind): Promise<PendingRecord[]> {
    return (await this.database.getAll('contents', getRange(kind))) as PendingRecord[];
  }

  async putPending(kind: PendingKind, changes: ReadonlyMap<string, PendingRecord | null>): Promise<void> {
    const transaction = this.database.transaction('contents', 'readwrite');
    for (const [page, record] of changes) {
      const key = `${kind}:${page}`;
      void (record === null ? transaction.store.delete(key) : transaction.store.put(record, key));
    }
    transaction.commit();
    await transaction.done;
  }

  async move(ids: readonly string[], page: string): Promise<KeptFile[]> {
    const transaction = this.database.transaction(['uploads', 'contents'], 'readwrite');
    const uploads = transaction.objectStore('uploads');
    const contents = transaction.objectStore('contents');
    const moved = await Promise.all(
      ids.map(async (id): Promise<KeptFile[]> => {
        const [record, content] = await Promise.all([uploads.get(id), contents.get(id)]);
        if (record === undefined) return [];
        await uploads.put({ ...record, page });
        return [{ record: { ...record, page }, content: (content as FileContent | undefined) ?? null }];
      }),
    );
    await transaction.done;
    return moved.flat();
  }

  async putRecords(records: readonly FileRecord[], choices: ChoiceChanges = new Map()): Promise<void> {
    const transaction = this.database.transaction(['uploads', 'contents'], 'readwrite');
    for (const record of records) void transaction.objectStore('uploads').put(record);
    for (const [id, choice] of choices) {
      const contents = transaction.objectStore('contents');
      void (choice === null ? contents.delete(`${CHOICE}:${id}`) : contents.put(choice, `${CHOICE}:${id}`));
    }
    // A page that ends cannot wait until the browser commits by itself, which is once all requests have been answered.
    transaction.commit();
    await transaction.done;
  }

  async putContents(contents: ReadonlyMap<string, FileContent>): Promise<ReadonlySet<string>> {
    const transaction = this.database.transaction(['uploads', 'contents'], 'readwrite');
    const stored = new Set<string>();
    const put = async ([id, content]: [string, FileContent]): Promise<void> => {
      if ((await transaction.objectStore('uploads').getKey(id)) === undefined) return;
      await transaction.objectStore('contents').put(content, id);
      stored.add(id);
    };
    await Promise.all([...[...contents].map(put), transaction.done]);
    return stored;
  }

  async deleteContents(ids: readonly string[]): Promise<void> {
    const transaction = this.database.transaction('contents', 'readwrite');
    for (const id of ids) void transaction.store.delete(id);
    await transaction.done;
  }

  async delete(ids: readonly string[]): Promise<void> {
    const transaction = this.database.transaction(['uploads', 'contents'], 'readwrite');
    for (const id of ids) {
      void transaction.objectStore('uploads').delete(id);
      void transaction.objectStore('contents').delete(id);
    }
    // Whoever forgets photos may close the page at once, and a page that ends waits for no answers.
    transaction.commit();
    await transaction.done;
  }
}
