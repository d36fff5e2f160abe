/**
 * Keeps the upload queue beyond the page's life, and brings it back. Each page has a lock while it lives, so that no page takes
 * files over from another one that still sends them.
 */
import type { Clock } from '../../app/clock';
import { Timer } from '../../app/clock';
import { UploadItem } from '../file/item.svelte';
import { isFinal } from '../file/state';
import { askToRead, getHandle, mayRead, openFile } from '../selection/file-handles';
import type { FileContent, FileRecord, KeptFile, QueueStore } from './queue-store';
import { needsContent, restoreState, saveState } from './saved-state';

/** What the keeper needs of the queue. */
export interface KeepableQueue {
  readonly items: readonly UploadItem[];
  readonly owner: string | null;
  restore(items: readonly UploadItem[]): void;
  supply(item: UploadItem, file: File): void;
}

export interface KeeperPorts {
  store: QueueStore;
  locks: Pick<LockManager, 'request'>;
  clock: Clock;
  /** This page's name among all pages of this browser. */
  page: string;
  /** The page that this tab showed before it was loaded again; null for a new tab. */
  previousPage: string | null;
  /** Bytes of copies that the browser has space for. */
  getFreeBytes: () => Promise<number>;
}

/** Ms for which changes are collected. A change that is lost with the page is made again: every step can be repeated. */
const DELAY = 200;

/** Records that one transaction writes, so that thousands of them do not freeze the page. */
const CHUNK = 200;

/** Bytes of copies at most, where files have no handles. */
const MAX_COPIED_BYTES = 2 * 1024 ** 3;

/** Ms after which files that nobody has come back to are forgotten. */
const MAX_AGE = 30 * 24 * 3600 * 1000;

const LOCK_PREFIX = 'stockroom.uploads.';

export class QueueKeeper {
  /** Files that have come back and go on by themselves; 0 once somebody has read that. */
  restored = $state(0);
  /** Files whose handles need a person's permission before they go on. */
  locked = $state(0);
  readonly #ids = new WeakMap<UploadItem, string>();
  readonly #handles = new Map<UploadItem, FileSystemFileHandle>();
  readonly #changed = new Set<UploadItem>();
  #removed: string[] = [];
  readonly #timer: Timer;
  #freeBytes: Promise<number> | null = null;
  #copiedBytes = 0;
  #flushing: Promise<void> = Promise.resolve();
  #hasLock: Promise<void> | null = null;

  constructor(
    private readonly queue: KeepableQueue,
    private readonly ports: KeeperPorts,
  ) {
    this.#timer = new Timer(ports.clock);
  }

  handleChange(item: UploadItem): void {
    this.#changed.add(item);
    if (!this.#timer.isPending) this.#timer.set(DELAY, () => void this.flush());
  }

  handleRemoval(items: readonly UploadItem[]): void {
    for (const item of items) {
      this.#changed.delete(item);
      this.#handles.delete(item);
      const id = this.#ids.get(item);
      if (id !== undefined) this.#removed.push(id);
    }
    this.locked = this.#handles.size;
    if (!this.#timer.isPending) this.#timer.set(DELAY, () => void this.flush());
  }

  /** Writes what has changed. Writes follow each other, so that no older state replaces a newer one. */
  flush(): Promise<void> {
    this.#timer.clear();
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  /** Brings back the files of this owner that no living page has. */
  async adopt(owner: string | null): Promise<void> {
    const { store, locks, page, previousPage } = this.ports;
    await this.#takeLock();
    const records = await store.listRecords();
    const now = this.ports.clock.now();
    const old = records.filter(({ saved }) => now - saved > MAX_AGE);
    if (old.length > 0) await store.delete(old.map(({ id }) => id));
    const pages = new Set(records.map((record) => record.page));
    pages.delete(page);
    for (const other of pages) {
      const takeOver = async (lock: Lock | null): Promise<void> => {
        if (lock !== null) await this.#takeOver(other, owner);
      };
      const name = LOCK_PREFIX + other;
      // The page that this tab showed before may still be ending. Nobody waits for the page of another tab.
      if (other === previousPage) void locks.request(name, takeOver);
      else await locks.request(name, { ifAvailable: true }, takeOver);
    }
  }

  /** Asks for permission to read the files again, then goes on. It must be called when somebody has clicked. */
  async unlock(): Promise<void> {
    for (const [item, handle] of [...this.#handles]) {
      if (!(await askToRead(handle))) break;
      const file = await readHandle(handle);
      this.#handles.delete(item);
      this.locked = this.#handles.size;
      if (file !== null) this.queue.supply(item, file);
    }
  }

  async #takeOver(page: string, owner: string | null): Promise<void> {
    const { store, previousPage } = this.ports;
    // Files that were chosen before anybody had signed in come back in the same tab alone.
    const records = (await store.listRecords()).filter(
      (record) =>
        record.page === page && (record.owner === owner || (record.owner === null && page === previousPage)),
    );
    if (records.length === 0) return;
    if (records.every(({ state }) => ['ready', 'duplicate', 'cancelled'].includes(state.name))) {
      await store.delete(records.map(({ id }) => id));
      return;
    }
    const kept = await store.move(
      records.map(({ id }) => id),
      this.ports.page,
    );
    kept.sort((a, b) => a.record.position - b.record.position);
    const items = await Promise.all(kept.map((each) => this.#restore(each)));
    this.queue.restore(items);
    this.locked = this.#handles.size;
    this.restored += items.filter(({ state }) => !isFinal(state) && state.name !== 'missing').length;
  }

  async #restore({ record, content }: KeptFile): Promise<UploadItem> {
    const isHandle = content !== null && !(content instanceof Blob);
    let file = isHandle || content === null ? null : content;
    let isLocked = false;
    if (isHandle) {
      isLocked = !(await mayRead(content));
      if (!isLocked) file = await readHandle(content);
    }
    // A file that has changed since is hashed again.
    const isSame = file?.size === record.size && file.lastModified === record.lastModified;
    const saved = file !== null && !isSame && needsContent(record.state) ? WAITING : record.state;
    const item = UploadItem.restore(record, file, restoreState(saved, file !== null));
    this.#ids.set(item, record.id);
    item.isKept = content !== null;
    if (isHandle && isLocked && item.state.name === 'missing') this.#handles.set(item, content);
    return item;
  }

  /** Holds this page's lock until the page ends. */
  #takeLock(): Promise<void> {
    this.#hasLock ??= new Promise((resolve) => {
      void this.ports.locks.request(LOCK_PREFIX + this.ports.page, () => {
        resolve();
        return new Promise(() => undefined);
      });
    });
    return this.#hasLock;
  }

  async #write(): Promise<void> {
    const { store } = this.ports;
    const removed = this.#removed.splice(0);
    const items = [...this.#changed];
    this.#changed.clear();
    if (items.length === 0 && removed.length === 0) return;
    await this.#takeLock();
    if (removed.length > 0) await store.delete(removed);
    for (let start = 0; start < items.length; start += CHUNK) {
      const chunk = items.slice(start, start + CHUNK);
      const records = chunk.map((item) => this.#createRecord(item));
      await store.putRecords(records);
      const done = chunk.filter((item) => item.isKept && !needsContent(saveState(item.state)));
      if (done.length > 0) await this.#dropContents(done);
      for (const item of chunk) await this.#keepContent(item);
    }
  }

  #createRecord(item: UploadItem): FileRecord {
    let id = this.#ids.get(item);
    if (id === undefined) this.#ids.set(item, (id = `${this.ports.page}.${item.key}`));
    return {
      id,
      page: this.ports.page,
      owner: this.queue.owner,
      position: item.position,
      name: item.name,
      size: item.size,
      lastModified: item.lastModified,
      path: item.path,
      metadata: $state.snapshot(item.metadata),
      ownTitle: item.ownTitle,
      shared: $state.snapshot(item.shared),
      state: saveState(item.state),
      saved: this.ports.clock.now(),
    };
  }

  async #keepContent(item: UploadItem): Promise<void> {
    const { file } = item;
    const id = this.#ids.get(item);
    if (file === null || id === undefined || item.isKept || !needsContent(saveState(item.state))) return;
    const content: FileContent = getHandle(file) ?? file;
    if (content === file) {
      this.#freeBytes ??= this.ports.getFreeBytes();
      const limit = Math.min(MAX_COPIED_BYTES, await this.#freeBytes);
      if (this.#copiedBytes + file.size > limit) return;
      this.#copiedBytes += file.size;
    }
    try {
      await this.ports.store.putContent(id, content);
      item.isKept = true;
    } catch {
      // No space, or a file that can no longer be read: whoever comes back chooses it again.
      if (content === file) this.#copiedBytes -= file.size;
    }
  }

  async #dropContents(items: readonly UploadItem[]): Promise<void> {
    await this.ports.store.deleteContents(items.map((item) => this.#ids.get(item) ?? ''));
    for (const item of items) {
      item.isKept = false;
      if (item.file !== null && getHandle(item.file) === null) this.#copiedBytes -= item.size;
    }
  }
}

const WAITING = { name: 'waiting' } as const;

/** The file of a handle; null when it has gone. */
async function readHandle(handle: FileSystemFileHandle): Promise<File | null> {
  try {
    return await openFile(handle);
  } catch {
    return null;
  }
}
