/** A library and its storage in memory, with the rules of the upload protocol, for tests of the upload queue. */
import { afterEach, beforeEach, vi } from 'vitest';
import { NetworkError } from '../../src/api/errors';
import { localClock } from '../../src/app/clock';
import type {
  CancelAnswer,
  FileError,
  SharedMetadata,
  Ticket,
  TicketAnswer,
  Upload,
  UploadAnswer,
  UploadFile,
} from '../../src/api/types';
import type { UploadItem } from '../../src/upload/file/item.svelte';
import type { Ports, PutAnswer, Settings } from '../../src/upload/stage/ports';
import { UploadQueue } from '../../src/upload/queue/queue.svelte';
import type { UploadState } from '../../src/upload/file/state';
import { createImage, sleep } from '../fixtures';

interface Row {
  id: string;
  file: UploadFile;
  state: Upload['state'];
  /** When storage got the file (ms). */
  arrivedAt: number | null;
  error?: FileError;
}

/** What storage does with one PUT: a status, an error of S3, a broken connection, or (undefined) what the protocol says. */
export type PutOutcome = number | PutAnswer | 'break' | 'break-after-arrival' | 'hang' | undefined;

export class FakeLibrary {
  rows = new Map<string, Row>();
  /** The requests so far. */
  creations: { files: UploadFile[]; shared: SharedMetadata }[] = [];
  renewals: string[][] = [];
  polls: string[][] = [];
  puts: { name: string; time: number; ticket: Ticket }[] = [];
  /** The ids of all cancellations, and those of each request. */
  cancellations: string[] = [];
  cancelRequests: string[][] = [];
  /** Called before a request has any effect; may throw. */
  beforeCreation: () => void = () => {};
  beforePoll: () => void = () => {};
  /** An answer other than the protocol's. */
  answerFor: (file: UploadFile) => UploadAnswer | null = () => null;
  putOutcome: (name: string, attempt: number) => PutOutcome = () => undefined;
  ticketSeconds = 900;
  putMs = 100;
  processingMs = 300;
  isTooLateToCancel = false;
  beforeCancellation: () => void = () => {};
  /** PUTs in progress, and their maximum so far. */
  sending = 0;
  maxSending = 0;
  #nextId = 1;

  constructor(readonly now: () => number = Date.now) {}

  async createUploads(files: UploadFile[], shared: SharedMetadata): Promise<UploadAnswer[]> {
    this.creations.push({ files, shared });
    await sleep(20);
    this.beforeCreation();
    return files.map((file) => this.answerFor(file) ?? this.#createRow(file));
  }

  async renewTickets(ids: string[]): Promise<TicketAnswer[]> {
    this.renewals.push(ids);
    await sleep(20);
    return ids.map((id) =>
      this.rows.get(id)?.state === 'pending'
        ? { id, state: 'pending', ticket: this.#issueTicket(id) }
        : { id, state: 'gone' },
    );
  }

  async listUploadsById(ids: string[]): Promise<Upload[]> {
    this.polls.push(ids);
    await sleep(10);
    this.beforePoll();
    return ids.flatMap((id) => {
      const row = this.rows.get(id);
      return row === undefined ? [] : [this.#describe(row)];
    });
  }

  async cancelUploads(ids: string[]): Promise<CancelAnswer[]> {
    this.cancelRequests.push(ids);
    this.cancellations.push(...ids);
    await sleep(5);
    this.beforeCancellation();
    return ids.map((id) => {
      if (this.isTooLateToCancel || this.rows.get(id)?.state === 'ready')
        return { id, state: 'already-ready' };
      return { id, state: this.rows.delete(id) ? 'cancelled' : 'gone' };
    });
  }

  async put(
    ticket: Ticket,
    file: File,
    onProgress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<PutAnswer> {
    const attempt = this.puts.filter(({ name }) => name === file.name).length + 1;
    this.puts.push({ name: file.name, time: this.now(), ticket });
    this.sending += 1;
    this.maxSending = Math.max(this.maxSending, this.sending);
    try {
      onProgress(Math.floor(file.size / 2));
      const outcome = this.putOutcome(file.name, attempt);
      await sleep(outcome === 'hang' ? 1e9 : this.putMs, signal);
      if (outcome === 'break') throw new NetworkError('broken');
      if (typeof outcome === 'object') return outcome;
      if (typeof outcome === 'number') return answerWith(outcome);
      if (Date.parse(ticket.expires) < this.now()) return answerWith(403);
      const row = this.rows.get(ticket.url.split('/').at(-1) ?? '');
      if (row !== undefined && row.arrivedAt !== null) return answerWith(412);
      if (row !== undefined) row.arrivedAt = this.now();
      if (outcome === 'break-after-arrival') throw new NetworkError('broken');
      return answerWith(200);
    } finally {
      this.sending -= 1;
    }
  }

  /** A repeated request gets the row or the picture that is there: creation is idempotent by content. */
  #createRow(file: UploadFile): UploadAnswer {
    const same = [...this.rows.values()].filter((row) => row.file.sha256 === file.sha256);
    const picture = same.find((row) => this.#describe(row).state === 'ready');
    if (picture !== undefined) return { state: 'duplicate', image: createImage(picture.id) };
    const existing = same.find((row) => row.state === 'pending');
    const id = existing?.id ?? `ID${this.#nextId++}`;
    if (existing === undefined) this.rows.set(id, { id, file, state: 'pending', arrivedAt: null });
    return { state: 'pending', id, ticket: this.#issueTicket(id) };
  }

  #issueTicket(id: string): Ticket {
    return {
      method: 'PUT',
      url: `https://storage.test/${id}`,
      headers: { 'content-type': 'image/jpeg' },
      expires: new Date(this.now() + this.ticketSeconds * 1000).toISOString(),
    };
  }

  #describe(row: Row): Upload {
    const isProcessed = row.arrivedAt !== null && this.now() >= row.arrivedAt + this.processingMs;
    if (row.state === 'pending' && isProcessed) row.state = 'ready';
    const { id, state, error, file } = row;
    return {
      id,
      name: file.name,
      file_name: file.file_name ?? file.name,
      state,
      created: new Date(this.now()).toISOString(),
      ...(state === 'ready' ? { image: createImage(id) } : {}),
      ...(error === undefined ? {} : { error }),
    };
  }
}

/** An answer that names no error. */
function answerWith(status: number): PutAnswer {
  return { status, code: '' };
}

/** A queue in front of a library. Hashing takes a few ms, and a hash is the file's text in hexadecimal. */
export function createQueue(
  library: FakeLibrary,
  ports: Partial<Ports> = {},
  settings: Partial<Settings> = {},
): UploadQueue {
  return new UploadQueue(
    {
      api: library,
      put: (...values) => library.put(...values),
      hash: async (file, { onProgress }, signal) => {
        await sleep(3, signal);
        onProgress(file.size);
        const bytes = new TextEncoder().encode(await file.text());
        const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
        return hex.padEnd(64, '0').slice(0, 64);
      },
      inspect: async () => ({ type: 'image/jpeg' }),
      clock: localClock,
      random: () => 0.5,
      isOnline: () => true,
      isReadable: async () => true,
      ...ports,
    },
    settings,
  );
}

/** A queue in which files were added and "Upload" was pressed. Nothing has happened yet. */
export function startQueue(
  library: FakeLibrary,
  files: File[],
  ports: Partial<Ports> = {},
  settings: Partial<Settings> = {},
): UploadQueue {
  const queue = createQueue(library, ports, settings);
  queue.add(files);
  queue.start({});
  return queue;
}

export async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

export function getStates(queue: UploadQueue): UploadState[] {
  return queue.items.map(({ state }) => state);
}

export function listStates(queue: UploadQueue): UploadState['name'][] {
  return getStates(queue).map(({ name }) => name);
}

export function countStates(queue: UploadQueue): Partial<Record<UploadState['name'], number>> {
  const counts: Partial<Record<UploadState['name'], number>> = {};
  for (const name of listStates(queue)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export function getItem(queue: UploadQueue, index: number): UploadItem {
  const item = queue.items[index];
  if (item === undefined) throw new Error(`The list has no item ${index}.`);
  return item;
}

/** Fake timers for each test of a file, from a round time on. */
export function useFakeTime(): void {
  beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-05-01T12:00:00Z') }));
  afterEach(() => void vi.useRealTimers());
}
