/**
 * Keeps the upload queue beyond the page's life, and brings it back. Each page has a lock while it lives, so that no page takes
 * files over from another one that still sends them.
 */
import type { Clock } from '../../app/clock';
import { Timer } from '../../app/clock';
import { getGroup } from '../file/groups';
import { UploadItem } from '../file/item.svelte';
import type { OpenChoice } from '../file/open-choice';
import { isFinal } from '../file/state';
import { askToRead, getHandle, mayRead, openFile } from '../selection/file-handles';
import type { Rows } from '../stage/rows';
import { Choices } from './choices.svelte';
import type { DraftKeeper } from './draft-keeper';
import { deleteOld } from './old-records';
import { LOCK_PREFIX } from './page-key';
import type { FileRecord, KeptFile, QueueStore } from './queue-store';
import { findSavedRow, isWaiting, mayGetRow, needsContent, restoreState, saveState } from './saved-state';

/** Files of other pages, with the rows that the library has for them as far as they are known here. */
export interface Elsewhere extends Rows {
  readonly count: number;
}

/** What the keeper needs of the queue. */
export interface KeepableQueue {
  readonly items: readonly UploadItem[];
  readonly owner: string | null;
  /** Whether somebody has paused the uploads. */
  readonly isHalted: boolean;
  halt(): void;
  restore(items: readonly UploadItem[]): void;
  /** Takes all files out of the list without a word to the keeper. */
  release(): void;
  supply(item: UploadItem, file: File): void;
}

export interface KeeperPorts {
  store: QueueStore;
  /** Keeps what all files of the next upload have in common. */
  drafts: DraftKeeper;
  locks: Pick<LockManager, 'request'>;
  clock: Clock;
  /** This page's name among all pages of this browser. */
  page: string;
  /** The page that this tab showed before it was loaded again; null for a new tab. */
  previousPage: string | null;
  /** Bytes of copies that the browser has space for. */
  getFreeBytes: () => Promise<number>;
  /** Asks the browser to delete nothing by itself of what it keeps for this site. */
  persist: () => Promise<boolean>;
}

/**
 * Ms for which changes are collected. A change that is lost with the page is made again, as every step can be repeated. Only a
 * file that was just chosen does not wait, unless others were written a moment ago: it is lost with the page until it is kept.
 */
const DELAY = 200;

/** Ms after which details that were typed are written with a file. */
const DRAFT_DELAY = 1000;

/** Records that one transaction writes, so that thousands of them do not freeze the page. */
const CHUNK = 20;

/** Handles that one transaction writes: what is forgotten, or changes meanwhile, waits for one transaction only. */
const HANDLES = 100;

/** Bytes of copies at most, where files have no handles. */
const MAX_COPIED_BYTES = 2 * 1024 ** 3;

export class QueueKeeper {
  /** How many files have come back and go on by themselves; 0 once somebody has read that. */
  restored = $state(0);
  /** How many files go on only once a person lets the page read them again. */
  locked = $state(0);
  /** How many times the list was put away. */
  putAways = $state(0);
  readonly choices: Choices;
  readonly #ids = new WeakMap<UploadItem, string>();
  readonly #handles = new Map<UploadItem, FileSystemFileHandle>();
  /** Bytes of the files that are kept as copies. */
  readonly #copies = new Map<UploadItem, number>();
  readonly #changed = new Set<UploadItem>();
  readonly #removed = new Set<string>();
  /** Files that have left the list. */
  readonly #gone = new WeakSet<UploadItem>();
  /** What may be read of them once somebody allows it, should they come back. */
  readonly #goneHandles = new WeakMap<UploadItem, FileSystemFileHandle>();
  readonly #timer: Timer;
  readonly #draftTimer: Timer;
  /** When the next write is due, and when the last one began (ms). */
  #due = 0;
  #written = 0;
  /** The moment of the latest record: the next one is later, also where the clock is put back. */
  #saved = 0;
  #freeBytes: Promise<number> | null = null;
  /** What came of the question whether the browser keeps it for good; null while there was no reason to ask. */
  #persistence: Promise<unknown> | null = null;
  #copiedBytes = 0;
  /** Whether the last write has failed. */
  #hasFailed = false;
  #flushing: Promise<void> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();
  #copying: Promise<void> = Promise.resolve();
  #puttingAway: Promise<void> = Promise.resolve();
  #adopting: Promise<void> = Promise.resolve();
  /** The page to which the list is moved when it is put away. */
  #putAwayPage = '';
  /** How many times the list is just being put away. */
  #putAwaysUnderWay = 0;
  /** How many times a person's photos were forgotten. */
  #forgets = 0;
  #hasLock: Promise<void> | null = null;
  #returning: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly queue: KeepableQueue,
    private readonly ports: KeeperPorts,
  ) {
    this.#timer = new Timer(ports.clock);
    this.#draftTimer = new Timer(ports.clock);
    // The list that is being put away is not that of whoever chooses files meanwhile.
    const getOwner = (): string | null => (this.#putAwaysUnderWay > 0 ? null : queue.owner);
    this.choices = new Choices(ports.store, ports.page, getOwner);
  }

  /** This page's name among all pages of this browser. */
  get page(): string {
    return this.ports.page;
  }

  get drafts(): DraftKeeper {
    return this.ports.drafts;
  }

  /** Notes how many files somebody has chosen at once, before the first of them is written. */
  noteChoice(choice: OpenChoice): Promise<void> {
    return this.choices.open(choice, this.#takeLock());
  }

  handleChange(item: UploadItem): void {
    const isNew = !this.#ids.has(item);
    this.#changed.add(item);
    if (item.file !== null && this.#handles.delete(item)) {
      this.locked = this.#handles.size;
      // It was chosen again, or may be read again: now it can be copied.
      item.isKept = false;
    }
    this.#schedule(
      isNew ? Math.min(DELAY, Math.max(0, this.#written + DELAY - this.ports.clock.now())) : DELAY,
    );
  }

  handleRemoval(items: readonly UploadItem[]): void {
    for (const item of items) {
      this.#changed.delete(item);
      const handle = this.#handles.get(item);
      if (handle !== undefined) this.#goneHandles.set(item, handle);
      this.#handles.delete(item);
      this.#gone.add(item);
      this.#removed.add(this.#getId(item));
      if (item.isKept) this.#countDropped(item);
    }
    this.locked = this.#handles.size;
    this.choices.drop(items);
    this.#schedule(DELAY);
    // It may have been one of these that said what the details are now.
    this.#keepDraft();
  }

  handleReturn(items: readonly UploadItem[]): void {
    for (const item of items) {
      this.#gone.delete(item);
      const id = this.#getId(item);
      // What is just being deleted under its id, or kept too late, is nothing of it.
      if (!this.#removed.delete(id)) this.#ids.set(item, `${id}.returned`);
      const handle = this.#goneHandles.get(item);
      if (handle !== undefined) this.#handles.set(item, handle);
      this.handleChange(item);
    }
    this.locked = this.#handles.size;
  }

  /**
   * Saves the details of the next upload once nobody has typed for a moment, then also with a file: what a page has written into
   * localStorage may be lost in a crash of the browser, and what is in the database is not.
   */
  saveDraftSoon(): void {
    this.drafts.saveSoon();
    this.#draftTimer.set(DRAFT_DELAY, () => this.#keepDraft());
  }

  /** Has a file written once more, with which the details are kept, or that there are none any more. */
  #keepDraft(): void {
    this.#draftTimer.clear();
    const { items } = this.queue;
    const item = items.find(({ state }) => !isFinal(state)) ?? items[0];
    if (item !== undefined) this.handleChange(item);
  }

  /** Writes after so many ms, or before where that is due already. */
  #schedule(delay: number): void {
    const due = this.ports.clock.now() + delay;
    if (this.#timer.isPending && this.#due <= due) return;
    this.#due = due;
    this.#timer.set(delay, () => void this.flush());
  }

  /**
   * Writes what has changed. Writes follow each other, so that no older state replaces a newer one. Copies of files follow
   * apart, because they may take minutes: until then a cancellation would not be known to the next page.
   */
  flush(): Promise<void> {
    // The page may be about to end.
    if (this.#draftTimer.isPending) this.#keepDraft();
    this.#timer.clear();
    this.#written = this.ports.clock.now();
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  /**
   * Brings back the files of this owner that no living page has. One call ends before the next begins: it holds locks while it
   * looks, and the next one would take them for those of living pages.
   */
  adopt(owner: string | null): Promise<void> {
    return this.#inTurn(() => this.#adopt(owner));
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#adopting.then(work);
    this.#adopting = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /**
   * Takes the files of this owner over from a page that has ended while this one was open. The page of one tab gets them; for
   * the others nothing is left. Where nothing is left to do, the files stay: the tab may be loaded again. What is noted of choices
   * is told of here all the same, as the tab may be gone. Resolves to false where another page looks at them, which may be that of
   * somebody else, and leave them.
   */
  takeUp(page: string, owner: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await Promise.all([this.#takeLock(), this.#puttingAway]);
      return this.ports.locks.request(LOCK_PREFIX + page, { ifAvailable: true }, async (lock) => {
        if (lock !== null) await this.#takeOver(page, owner, true);
        return lock !== null;
      });
    });
  }

  /** Fulfilled once the files of the page that this tab showed before are in the list again, after `adopt`. */
  get returned(): Promise<unknown> {
    return this.#returning;
  }

  async #adopt(owner: string | null): Promise<void> {
    const { store, locks, page, previousPage } = this.ports;
    await Promise.all([this.#takeLock(), this.#puttingAway]);
    const records = await deleteOld(store, await store.listRecords(), this.ports.clock.now());
    const choices = await store.listChoices();
    const pages = new Set([...[...records, ...choices].map((each) => each.page), ...this.drafts.listPages()]);
    pages.delete(page);
    for (const other of pages) {
      const takeOver = async (lock: Lock | null): Promise<void> => {
        if (lock !== null) await this.#takeOver(other, owner);
      };
      const name = LOCK_PREFIX + other;
      // The page that this tab showed before may still be ending. Nobody waits for the page of another tab.
      if (other === previousPage) this.#returning = locks.request(name, takeOver);
      else await locks.request(name, { ifAvailable: true }, takeOver);
    }
  }

  /**
   * Takes the list away from whoever uses this page next, once it is written; the page in which its owner signs in has it again.
   * If that is this page before, `isWanted` says so, and the list stays. `isWhole` is fulfilled once the last files are in the
   * list that its owner has chosen; null where all of them are.
   */
  putAway(isWanted: () => boolean, isWhole: Promise<unknown> | null = null): Promise<void> {
    // No page has this name, nor its lock, so that any page can take the files over.
    if (this.#putAwaysUnderWay === 0) this.#putAwayPage = `${this.ports.page}.${this.ports.clock.now()}`;
    // Where somebody else signs in before all of it is put away, the details wait there already.
    if (this.#putAwaysUnderWay === 0 || !this.drafts.isEmpty) this.#putDraftAway(isWhole !== null);
    this.#putAwaysUnderWay += 1;
    this.#puttingAway = this.#putAway(isWanted, isWhole).finally(() => (this.#putAwaysUnderWay -= 1));
    return this.#puttingAway;
  }

  /** `hasMore`: files are still being added. */
  #putDraftAway(hasMore: boolean): void {
    const { owner, items } = this.queue;
    // Somebody who signs out after everything is done leaves nothing behind.
    if (owner !== null && (hasMore || items.some(({ state }) => !isFinal(state))))
      this.drafts.putAway(owner, this.#putAwayPage);
    else {
      this.drafts.forget();
      this.#keepDraft();
    }
  }

  async #putAway(isWanted: () => boolean, isWhole: Promise<unknown> | null): Promise<void> {
    await isWhole;
    await this.flush();
    await this.#copying;
    // What could not be written would be lost with the list.
    if (this.#hasFailed || isWanted()) return;
    const items = this.queue.items;
    // Files go on being hashed, so that some have changed since they were written.
    const late = [...this.#changed].filter((item) => !this.#gone.has(item));
    const records = late.map((item) => this.#createRecord(item));
    this.queue.release();
    void this.choices.dismiss();
    for (const item of items) {
      this.#handles.delete(item);
      this.#gone.add(item);
      if (item.isKept) this.#countDropped(item);
    }
    this.locked = this.#handles.size;
    this.restored = 0;
    // Where this fails, there is what was written of them before.
    await this.ports.store.putRecords(records).catch(() => undefined);
    await this.ports.store.move(
      items.map((item) => this.#getId(item)),
      this.#putAwayPage,
    );
    this.putAways += 1;
  }

  /** What other pages of this browser have, or have left, of this person's files that are not done. */
  async listElsewhere(owner: string): Promise<Elsewhere> {
    const { store, page } = this.ports;
    const records = (await store.listRecords()).filter(
      (record) => record.owner === owner && record.page !== page && isWaiting(record.state),
    );
    return {
      count: records.length,
      ids: records.flatMap(({ state }) => findSavedRow(state) ?? []),
      // The request that makes the row may be on its way, or its answer not written yet.
      areAll: !records.some(({ shared, state }) => shared !== null && mayGetRow(state)),
    };
  }

  /** Deletes all that this browser keeps for a person, whichever page has it. This page's list must be empty of it. */
  forgetOwner(owner: string): Promise<void> {
    this.#forgets += 1;
    this.drafts.forgetOwner(owner);
    return this.#inTurn(() => this.#forgetOwner(owner));
  }

  async #forgetOwner(owner: string): Promise<void> {
    const { store, drafts } = this.ports;
    await this.choices.forgetOwner(owner);
    // What this page is about to write would come after the deletion.
    await this.flush();
    await this.#copying;
    await this.#puttingAway;
    const records = (await store.listRecords()).filter((record) => record.owner === owner);
    await store.delete(records.map(({ id }) => id));
    drafts.forgetOwner(owner);
  }

  /**
   * Asks for permission to read the files again, then goes on. It must be called when somebody has clicked. A click is good for
   * some seconds only: files for which the browser asks nobody any more wait for the next one.
   */
  async unlock(): Promise<void> {
    for (const [item, handle] of [...this.#handles]) {
      if (!(await askToRead(handle))) {
        // The next click begins with another file.
        if (this.#handles.delete(item)) this.#handles.set(item, handle);
        break;
      }
      const file = await readHandle(handle);
      // Meanwhile it may have left the list.
      if (!this.#handles.delete(item)) continue;
      this.locked = this.#handles.size;
      // Now it can be copied, or has gone.
      item.isKept = false;
      if (file !== null) this.queue.supply(item, file);
    }
  }

  async #takeOver(page: string, owner: string | null, leavesDone = false): Promise<void> {
    const { store, previousPage } = this.ports;
    const forgets = this.#forgets;
    // While the end of the other page was waited for, somebody else may have signed in, or all photos have been given up.
    const isUnwanted = (): boolean => this.queue.owner !== owner || this.#forgets !== forgets;
    // Files that were chosen before anybody had signed in come back in the same tab alone.
    const records = (await store.listRecords()).filter(
      (record) =>
        record.page === page && (record.owner === null ? page === previousPage : record.owner === owner),
    );
    const choices = await this.choices.find(page, owner, page === previousPage);
    if (isUnwanted()) return;
    const isSameTab = page === previousPage || page === this.#putAwayPage;
    const areDone = records.every(({ state }) => ['ready', 'duplicate', 'cancelled'].includes(state.name));
    if (areDone && leavesDone) return this.choices.takeOver(choices);
    this.drafts.takeOver(page, owner, isSameTab, isSameTab || !areDone, getLatest(records)?.draft);
    await this.choices.takeOver(choices);
    if (records.length === 0) return;
    if (areDone) {
      await store.delete(records.map(({ id }) => id));
      return;
    }
    const kept = await store.move(
      records.map(({ id }) => id),
      this.ports.page,
    );
    kept.sort((a, b) => a.record.position - b.record.position);
    const items = await Promise.all(kept.map((each) => this.#restore(each)));
    if (isUnwanted()) {
      for (const item of items) {
        this.#handles.delete(item);
        this.#countDropped(item);
      }
      await store.move(
        records.map(({ id }) => id),
        page,
      );
      await this.choices.giveBack(choices);
      return;
    }
    // A pause outlives the page, but stops nothing that is under way here, unless the tab itself was paused.
    const isIdle = !this.queue.items.some((item) => getGroup(item) === 'active');
    if ((isIdle || page === previousPage) && wasHalted(records)) this.queue.halt();
    this.queue.restore(items);
    this.locked = this.#handles.size;
    // One that was chosen meanwhile is in the list anyway, and one that it has found goes on.
    this.restored += items.filter(
      ({ state, isGone }) => !isGone && !isFinal(state) && state.name !== 'missing',
    ).length;
  }

  async #restore({ record, content }: KeptFile): Promise<UploadItem> {
    const isHandle = content !== null && !(content instanceof Blob);
    let file = isHandle || content === null ? null : content;
    let isLocked = false;
    if (isHandle) {
      isLocked = !(await mayRead(content));
      if (!isLocked) file = await readHandle(content);
    }
    // A file that has changed since is hashed again, and so is one of which it is not known what it says about itself.
    const isSame = file?.size === record.size && file.lastModified === record.lastModified;
    const isUnread = record.isReading === true && ['hashed', 'missing'].includes(record.state.name);
    const saved =
      file !== null && (!isSame || isUnread) && needsContent(record.state) ? WAITING : record.state;
    const item = UploadItem.restore(record, file, restoreState(saved, file !== null));
    // It is noted for the next page, too, where this one cannot read the file.
    item.isReading = isUnread && item.state.name === 'missing';
    this.#ids.set(item, record.id);
    // The handle of a file that has gone leads nowhere.
    item.isKept = file !== null || isLocked;
    if (content instanceof Blob) {
      this.#copies.set(item, content.size);
      this.#copiedBytes += content.size;
    }
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
    const removed = [...this.#removed];
    const items = [...this.#changed];
    this.#removed.clear();
    this.#changed.clear();
    this.#hasFailed = false;
    if (items.length === 0 && removed.length === 0) return;
    try {
      await this.#takeLock();
      if (removed.length > 0) await store.delete(removed);
      for (let start = 0; start < items.length; start += CHUNK) {
        const chunk = items.slice(start, start + CHUNK).filter((item) => !this.#gone.has(item));
        const choices = this.choices.write(chunk);
        try {
          await store.putRecords(
            chunk.map((item) => this.#createRecord(item)),
            choices.changes,
          );
        } catch (error) {
          choices.undo();
          throw error;
        }
        // That it has been read since is written with what changes next: of a file that says nothing, nothing else changes.
        for (const item of chunk) if (item.isReading && item.state.name === 'hashed') this.#changed.add(item);
      }
    } catch {
      this.#hasFailed = true;
      // No space, perhaps. All of it is written with the next change, or when the page ends.
      for (const id of removed) this.#removed.add(id);
      for (const item of items) if (!this.#gone.has(item)) this.#changed.add(item);
      return;
    }
    this.#keepContents(items);
  }

  #getId(item: UploadItem): string {
    let id = this.#ids.get(item);
    if (id === undefined) this.#ids.set(item, (id = `${this.ports.page}.${item.key}`));
    return id;
  }

  #createRecord(item: UploadItem): FileRecord {
    return {
      id: this.#getId(item),
      page: this.ports.page,
      owner: this.queue.owner,
      position: item.position,
      name: item.name,
      size: item.size,
      lastModified: item.lastModified,
      path: item.path,
      metadata: item.metadata,
      ownTitle: item.ownTitle,
      embedded: item.embedded,
      isReading: item.isReading,
      shared: item.shared,
      keepsCaption: item.keepsCaption,
      uploadId: item.uploadId,
      isPast: item.isPast,
      state: saveState(item.state),
      isHalted: this.queue.isHalted,
      draft: this.drafts.createKept(this.queue.owner),
      saved: (this.#saved = Math.max(this.#saved + 1, this.ports.clock.now())),
    };
  }

  /** Whether the next page needs the content of a file. */
  #isNeeded(item: UploadItem): boolean {
    return !this.#gone.has(item) && needsContent(saveState(item.state));
  }

  /**
   * Keeps the contents of files that still need them, and drops those of the others: the handles first, as a page that crashes
   * just then leaves nothing else of its files, then a copy in the place of each. Copies are made one after another.
   */
  #keepContents(items: readonly UploadItem[]): void {
    const unkept = new Set(items.filter((item) => !item.isKept && this.#isNeeded(item)));
    this.#keeping = this.#keeping.then(() => this.#keepHandles([...unkept]));
    this.#copying = Promise.all([this.#copying, this.#keeping]).then(() => this.#copyContents(items, unkept));
  }

  /** `unkept`: those of which nothing was kept before. Never fails. */
  async #copyContents(items: readonly UploadItem[], unkept: ReadonlySet<UploadItem>): Promise<void> {
    await this.#dropContents(items.filter((item) => item.isKept && !this.#isNeeded(item)));
    for (const item of items) {
      if ((item.isKept && !unkept.has(item)) || this.#copies.has(item) || !this.#isNeeded(item)) continue;
      await this.#copyContent(item);
      // An earlier write may have dropped the handle meanwhile, when nobody needed the file.
      if (!item.isKept) await this.#keepHandles([item]);
      // It may have arrived while it was being copied.
      if (item.isKept && !this.#isNeeded(item)) await this.#dropContents([item]);
    }
  }

  /**
   * Keeps the handles of files that have some, so many at a time that what other writes wait for ends soon. Before a page may
   * read a handle that was kept, the browser asks. Never fails.
   */
  async #keepHandles(items: readonly UploadItem[]): Promise<void> {
    for (let start = 0; start < items.length; start += HANDLES) {
      const handles = new Map<UploadItem, FileSystemFileHandle>();
      for (const item of items.slice(start, start + HANDLES)) {
        const handle = item.file === null ? this.#handles.get(item) : getHandle(item.file);
        // An earlier write may have kept it meanwhile, or it has left the list.
        if (handle && !item.isKept && this.#isNeeded(item)) handles.set(item, handle);
      }
      // What cannot be written keeps none of the others.
      if (!(await this.#put(handles)) && handles.size > 1)
        for (const each of handles) await this.#put(new Map([each]));
      // It may have left the list meanwhile.
      await this.#dropContents([...handles.keys()].filter((item) => item.isKept && !this.#isNeeded(item)));
    }
  }

  /** Keeps a copy of a file, which is there without a question. Where there is no room, what was kept of it stays. */
  async #copyContent(item: UploadItem): Promise<void> {
    const { file } = item;
    if (file === null || !(await this.#hasRoom(file.size))) return;
    if (!(await this.#put(new Map([[item, file]])))) return;
    this.#copies.set(item, file.size);
    this.#copiedBytes += file.size;
  }

  async #hasRoom(bytes: number): Promise<boolean> {
    this.#freeBytes ??= this.ports.getFreeBytes().catch(() => 0);
    return this.#copiedBytes + bytes <= Math.min(MAX_COPIED_BYTES, await this.#freeBytes);
  }

  async #put(contents: ReadonlyMap<UploadItem, File | FileSystemFileHandle>): Promise<boolean> {
    if (contents.size === 0) return true;
    const ids = new Map([...contents.keys()].map((item) => [item, this.#getId(item)]));
    let stored: ReadonlySet<string>;
    try {
      stored = await this.ports.store.putContents(
        new Map([...contents].map(([item, content]) => [this.#getId(item), content])),
      );
    } catch {
      // No space, or a file that can no longer be read: where it has no handle, whoever comes back chooses it again.
      return false;
    }
    // Meanwhile its record may have been deleted, and it be back in the list with another one.
    const kept = [...ids].filter(([item, id]) => stored.has(id) && this.#getId(item) === id);
    if (kept.length === 0) return false;
    for (const [item] of kept) item.isKept = true;
    // Now, as somebody has just chosen photos and sees why: Firefox asks them. Nothing waits for the answer.
    this.#persistence ??= this.ports.persist().catch(() => undefined);
    return true;
  }

  async #dropContents(items: readonly UploadItem[]): Promise<void> {
    if (items.length === 0) return;
    try {
      await this.ports.store.deleteContents(items.map((item) => this.#getId(item)));
    } catch {
      // They go with their records.
      return;
    }
    for (const item of items) if (item.isKept) this.#countDropped(item);
  }

  #countDropped(item: UploadItem): void {
    item.isKept = false;
    this.#copiedBytes -= this.#copies.get(item) ?? 0;
    this.#copies.delete(item);
  }
}

const WAITING = { name: 'waiting' } as const;

/** Whether the uploads of a page were paused when it ended. */
function wasHalted(records: readonly FileRecord[]): boolean {
  return getLatest(records)?.isHalted ?? false;
}

/** The record that was written last. */
function getLatest(records: readonly FileRecord[]): FileRecord | undefined {
  return records.reduce<FileRecord | undefined>(
    (last, record) => (last === undefined || record.saved >= last.saved ? record : last),
    undefined,
  );
}

/** The file of a handle; null when it has gone. */
async function readHandle(handle: FileSystemFileHandle): Promise<File | null> {
  try {
    return await openFile(handle);
  } catch {
    return null;
  }
}
