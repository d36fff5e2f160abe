/** The upload queue as Svelte sees it: a plain copy of every item, brought up to date a few times a second. */
import { api, config } from '../app/api';
import { announcer } from '../app/announce.svelte';
import { serverNow } from '../app/clock';
import { plural } from '../app/format';
import { session } from '../app/session.svelte';
import type { Image, SharedMetadata } from '../api/types';
import { createHasher } from './hasher';
import { isFinal, type FileMetadata, type Reason, type UploadItem, type UploadState } from './item';
import type { Pause, Trouble } from './line';
import { DEFAULTS } from './ports';
import { RateMeter, measure, type Progress } from './progress';
import { putFile } from './put';
import { UploadQueue } from './queue';
import { inspect } from './spec';

export interface Row {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  readonly file: File;
  metadata: FileMetadata;
  started: boolean;
  state: UploadState;
  done: number;
  image: Image | null;
  reason: Reason | null;
}

/** How often the page is told of changes (ms); progress events come far more often than eyes can follow. */
const REFRESH = 100;

class UploadStore {
  rows = $state<Row[]>([]);
  pause = $state.raw<Pause | null>(null);
  trouble = $state.raw<Trouble | null>(null);
  rate = $state(0);
  /** The id of the last photo that became ready. */
  latest = $state<string | null>(null);
  progress = $derived<Progress>(measure(this.rows));
  busy = $derived(this.progress.active > 0 || this.progress.staged > 0);
  #byKey = new Map<number, Row>();
  #dirty = new Set<UploadItem>();
  #timer = 0;
  #meter = new RateMeter();

  readonly #queue = new UploadQueue(
    {
      api,
      put: putFile,
      hash: createHasher(DEFAULTS.hashers),
      inspect: async (file) => inspect(file, await config()),
      clock: {
        now: serverNow,
        after: (ms, callback) => {
          const timer = setTimeout(callback, ms);
          return () => clearTimeout(timer);
        },
      },
      random: Math.random,
      online: () => navigator.onLine,
      readable: (file) => readable(file),
    },
    (item) => this.#changed(item),
  );

  constructor() {
    addEventListener('online', () => this.#queue.hasten());
    addEventListener('beforeunload', (event) => {
      if (this.#queue.busy) event.preventDefault();
    });
  }

  add(files: Iterable<File>): void {
    const given = [...files];
    const added = this.#queue.add(given);
    for (const item of added) {
      this.rows.push(rowOf(item));
      const row = this.rows.at(-1);
      if (row !== undefined) this.#byKey.set(item.key, row);
    }
    if (given.length === 0) announcer.say('No files were found in there.');
    else if (added.length === 0) announcer.say('These photos are in the list already.');
    else announcer.say(`${plural(added.length, 'photo')} added to the list.`);
  }

  start(shared: SharedMetadata): void {
    this.#queue.start(shared);
  }

  describe(key: number, metadata: FileMetadata): void {
    this.#queue.describe(key, metadata);
  }

  retry(key: number): void {
    this.#queue.retry(key);
  }

  retryFailed(): void {
    for (const row of this.rows) if (row.state === 'failed') this.#queue.retry(row.key);
  }

  cancel(key: number): void {
    void this.#queue.cancel(key);
  }

  cancelAll(): void {
    void this.#queue.cancelAll();
  }

  remove(key: number): void {
    this.#keep(this.#queue.remove(key));
  }

  removeFinished(): void {
    this.#keep(this.#queue.removeFinished());
  }

  resume(): void {
    this.#queue.resume();
  }

  hasten(): void {
    this.#queue.hasten();
  }

  #keep(keys: number[]): void {
    const kept = new Set(keys);
    for (const key of this.#byKey.keys()) if (!kept.has(key)) this.#byKey.delete(key);
    this.rows = this.rows.filter((row) => kept.has(row.key));
  }

  #changed(item?: UploadItem): void {
    if (item !== undefined) this.#dirty.add(item);
    // A timer, not a frame: a page in the background draws none, but its title still counts.
    this.#timer ||= window.setTimeout(() => this.#refresh(), REFRESH);
  }

  #refresh(): void {
    this.#timer = 0;
    const wasActive = this.progress.active;
    for (const item of this.#dirty) {
      if (item.state === 'ready' && item.image) this.latest = item.image.id;
      const row = this.#byKey.get(item.key);
      if (row !== undefined) Object.assign(row, changing(item));
    }
    this.#dirty.clear();
    this.pause = this.#queue.pause;
    this.trouble = this.#queue.trouble;
    if (this.pause?.kind === 'signin') session.refuse();
    const { active, sent, ready, failed } = this.progress;
    this.rate = active > 0 ? this.#meter.note(sent, Date.now()) : 0;
    if (wasActive > 0 && active === 0) {
      const trouble = failed > 0 ? `, ${plural(failed, 'photo')} failed` : '';
      announcer.say(`${plural(ready, 'photo')} ready${trouble}.`);
    }
  }
}

function changing(item: UploadItem): Omit<Row, 'key' | 'name' | 'size' | 'file'> {
  const { metadata, shared, state, done, image, reason } = item;
  return { metadata, started: shared !== null, state, done, image, reason };
}

function rowOf(item: UploadItem): Row {
  const { key, name, size, file } = item;
  return { key, name, size, file, ...changing(item) };
}

async function readable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

export { isFinal };
export const uploads = new UploadStore();
