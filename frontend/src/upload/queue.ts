/**
 * The upload queue: every file goes its own way from chosen to ready, and one that fails holds up no other.
 * It knows no framework; what it needs from the outside comes in as `Ports`.
 */
import { ApiError } from '../api/errors';
import type { SharedMetadata } from '../api/types';
import { Hashing } from './hashing';
import { isBusy, isFinal, newItem, type FileMetadata, type UploadItem } from './item';
import { Line, type Pause, type Trouble } from './line';
import { DEFAULTS, type Ports, type Settings } from './ports';
import { Posting } from './posting';
import { Sending } from './sending';
import { Tickets } from './tickets';
import { Watching } from './watching';

export class UploadQueue {
  readonly #line: Line;
  readonly #hashing: Hashing;
  readonly #posting: Posting;
  readonly #tickets: Tickets;
  readonly #sending: Sending;
  readonly #watching: Watching;
  #nextKey = 1;
  #due = false;

  constructor(ports: Ports, changed: (item?: UploadItem) => void, settings: Partial<Settings> = {}) {
    this.#line = new Line(ports, { ...DEFAULTS, ...settings }, changed, () => this.#pump());
    this.#hashing = new Hashing(this.#line);
    this.#posting = new Posting(this.#line);
    this.#tickets = new Tickets(this.#line);
    this.#watching = new Watching(this.#line);
    this.#sending = new Sending(this.#line, () => this.#watching.hasten());
  }

  get items(): readonly UploadItem[] {
    return this.#line.items;
  }

  get pause(): Pause | null {
    return this.#line.pause;
  }

  get trouble(): Trouble | null {
    return this.#line.trouble;
  }

  get busy(): boolean {
    return this.#line.items.some(isBusy);
  }

  /** Takes files into the list and hashes them; nothing is sent before `start`. Returns the new items. */
  add(files: Iterable<File>): UploadItem[] {
    const known = new Set(
      this.#line.items.filter((item) => !isFinal(item.state)).map((i) => sameFile(i.file)),
    );
    const added: UploadItem[] = [];
    for (const file of files) {
      if (known.has(sameFile(file))) continue;
      known.add(sameFile(file));
      added.push(newItem(this.#nextKey++, file, file.type));
    }
    this.#line.items.push(...added);
    this.#pump();
    return added;
  }

  /** Sends everything chosen so far, with what all of it has in common. */
  start(shared: SharedMetadata): void {
    const snapshot = { ...shared };
    for (const item of this.#line.items) {
      if (item.shared !== null || isFinal(item.state)) continue;
      item.shared = snapshot;
      this.#line.changed(item);
    }
    this.#pump();
  }

  describe(key: number, metadata: FileMetadata): void {
    const item = this.#find(key);
    if (item === undefined || item.shared !== null) return;
    item.metadata = metadata;
    this.#line.changed(item);
  }

  retry(key: number): void {
    const item = this.#find(key);
    if (item === undefined || !isFinal(item.state) || item.state === 'ready') return;
    item.attempts = 0;
    item.reposts = 0;
    item.notBefore = 0;
    item.id = null;
    item.ticket = null;
    item.image = null;
    // The file may be another by now: it is looked at and hashed anew.
    item.sha256 = null;
    this.#line.set(item, 'waiting');
    this.#pump();
  }

  /** Stops one file wherever it is; what storage or the library already has of it is given up there too. */
  async cancel(key: number): Promise<void> {
    const item = this.#find(key);
    if (item === undefined || isFinal(item.state)) return;
    const { id } = item;
    item.abort?.abort();
    this.#line.set(item, 'cancelled');
    this.#pump();
    if (id === null) return;
    try {
      await this.#line.ports.api.cancelUpload(id);
    } catch (error) {
      // Too late to cancel: say what became of it. Anything else is left to its deadline.
      if (error instanceof ApiError && error.status === 409 && item.state === 'cancelled') {
        this.#line.set(item, 'processing');
        this.#watching.hasten();
      }
    }
  }

  async cancelAll(): Promise<void> {
    await Promise.all(this.#line.items.map((item) => this.cancel(item.key)));
  }

  /** Takes finished items out of the list; returns the keys of those that stay. */
  removeFinished(): number[] {
    return this.#keep((item) => !isFinal(item.state));
  }

  remove(key: number): number[] {
    return this.#keep((item) => item.key !== key || !isFinal(item.state));
  }

  /** Somebody signed in again. */
  resume(): void {
    this.#line.pause = null;
    this.#line.changed();
    this.#pump();
  }

  /** Goes on now instead of waiting out a delay: the connection is back, or a person said so. */
  hasten(): void {
    for (const item of this.#line.items) item.notBefore = 0;
    this.#line.recovered();
    this.#hashing.hasten();
    this.#posting.hasten();
    this.#tickets.hasten();
    this.#watching.hasten();
    this.#pump();
  }

  /** Every stage looks for work, once after however many changes. */
  #pump(): void {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#pumpNow();
    });
  }

  #pumpNow(): void {
    this.#hashing.pump();
    this.#posting.pump();
    this.#tickets.pump();
    this.#sending.pump();
    this.#watching.pump();
  }

  #find(key: number): UploadItem | undefined {
    return this.#line.items.find((item) => item.key === key);
  }

  #keep(stays: (item: UploadItem) => boolean): number[] {
    const kept = this.#line.items.filter(stays);
    this.#line.items.splice(0, Infinity, ...kept);
    this.#line.changed();
    return kept.map((item) => item.key);
  }
}

function sameFile(file: File): string {
  return `${file.webkitRelativePath}/${file.name}/${file.size}/${file.lastModified}`;
}
