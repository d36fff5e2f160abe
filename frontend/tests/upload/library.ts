/** A library and its storage in memory, with the rules of the upload protocol, for tests of the queue. */
import { ApiError, NetworkError } from '../../src/api/errors';
import type {
  Image,
  SharedMetadata,
  Ticket,
  TicketAnswer,
  Upload,
  UploadAnswer,
  UploadFile,
} from '../../src/api/types';
import type { UploadItem } from '../../src/upload/item';
import type { Ports, Settings } from '../../src/upload/ports';
import { UploadQueue } from '../../src/upload/queue';

export interface StoredUpload {
  id: string;
  file: UploadFile;
  landed: boolean;
  state: Upload['state'];
  error?: { code: string; detail: string };
}

/** What storage answers to one PUT: a status, a broken line, or nothing special. */
export type Weather = number | 'cut' | 'cut-after-landing' | 'hang' | undefined;

export class Library {
  rows = new Map<string, StoredUpload>();
  posts: { files: UploadFile[]; shared: SharedMetadata }[] = [];
  renewals: string[][] = [];
  polls: string[][] = [];
  puts: { name: string; at: number; ticket: Ticket }[] = [];
  cancelled: string[] = [];
  /** Called before anything of a request happens; may throw. */
  beforePost: () => void = () => {};
  beforePoll: () => void = () => {};
  answerFor: (file: UploadFile) => UploadAnswer | null = () => null;
  weather: (name: string, attempt: number) => Weather = () => undefined;
  ticketSeconds = 900;
  putMs = 100;
  processMs = 300;
  cancelStatus = 204;
  sending = 0;
  mostSending = 0;
  #next = 1;
  #attempts = new Map<string, number>();
  #landedAt = new Map<string, number>();

  constructor(readonly now: () => number = Date.now) {}

  ticket(id: string): Ticket {
    const expires = new Date(this.now() + this.ticketSeconds * 1000).toISOString();
    return {
      method: 'PUT',
      url: `https://storage.test/${id}`,
      headers: { 'content-type': 'image/jpeg' },
      expires,
    };
  }

  async createUploads(files: UploadFile[], shared: SharedMetadata): Promise<UploadAnswer[]> {
    this.posts.push({ files, shared });
    await sleep(20);
    this.beforePost();
    return files.map((file) => {
      const special = this.answerFor(file);
      if (special !== null) return special;
      const mine = [...this.rows.values()].find(
        (row) => row.file.sha256 === file.sha256 && row.state === 'pending',
      );
      const id = mine?.id ?? `ID${this.#next++}`;
      if (mine === undefined) this.rows.set(id, { id, file, landed: false, state: 'pending' });
      return { state: 'pending', id, ticket: this.ticket(id) };
    });
  }

  async renewTickets(ids: string[]): Promise<TicketAnswer[]> {
    this.renewals.push(ids);
    await sleep(20);
    return ids.map((id) =>
      this.rows.get(id)?.state === 'pending'
        ? { id, state: 'pending', ticket: this.ticket(id) }
        : { id, state: 'gone' },
    );
  }

  async uploadStates(ids: string[]): Promise<Upload[]> {
    this.polls.push(ids);
    await sleep(10);
    this.beforePoll();
    return ids.flatMap((id) => {
      const row = this.rows.get(id);
      if (row === undefined) return [];
      if (
        row.state === 'pending' &&
        row.landed &&
        this.now() >= (this.#landedAt.get(id) ?? 0) + this.processMs
      ) {
        row.state = 'ready';
      }
      const { state, error, file } = row;
      const upload: Upload = { id, name: file.name, state, created: new Date(this.now()).toISOString() };
      if (state === 'ready') upload.image = image(id);
      if (error !== undefined) upload.error = error;
      return [upload];
    });
  }

  async cancelUpload(id: string): Promise<void> {
    this.cancelled.push(id);
    await sleep(5);
    if (this.cancelStatus === 409) throw new ApiError(409, 'already-ready', 'It is a picture already.');
    this.rows.delete(id);
  }

  async put(
    ticket: Ticket,
    file: File,
    progress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<number> {
    const id = ticket.url.split('/').at(-1) ?? '';
    const attempt = (this.#attempts.get(file.name) ?? 0) + 1;
    this.#attempts.set(file.name, attempt);
    this.puts.push({ name: file.name, at: this.now(), ticket });
    this.sending += 1;
    this.mostSending = Math.max(this.mostSending, this.sending);
    try {
      progress(Math.floor(file.size / 2));
      const weather = this.weather(file.name, attempt);
      await sleep(weather === 'hang' ? 1e9 : this.putMs, signal);
      if (weather === 'cut') throw new NetworkError('cut');
      if (typeof weather === 'number') return weather;
      if (Date.parse(ticket.expires) < this.now()) return 403;
      const row = this.rows.get(id);
      if (row?.landed) return 412;
      if (row !== undefined) row.landed = true;
      this.#landedAt.set(id, this.now());
      if (weather === 'cut-after-landing') throw new NetworkError('cut');
      return 200;
    } finally {
      this.sending -= 1;
    }
  }
}

export function image(id: string): Image {
  return {
    id,
    name: `${id}.jpg`,
    description: '',
    tags: [],
    license: 'CC-BY-4.0',
    credit: '',
    width: 300,
    height: 200,
    color: '#808080',
    thumbhash: '',
    created: '2026-05-01T12:00:00.000Z',
    taken: null,
    owner: 'Alice',
    urls: { '240p': `/i/${id}/v1/240p.jpg`, '720p': `/i/${id}/v1/720p.jpg` },
  };
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('Cancelled', 'AbortError'));
    });
  });
}

export function photo(name: string, content = name): File {
  return new File([content], name, { type: 'image/jpeg', lastModified: 1 });
}

export function photos(count: number): File[] {
  return Array.from({ length: count }, (_, index) => photo(`photo-${index}.jpg`));
}

/** A queue before a library; hashing takes a few ms and is by the file's content. */
export function queueOf(
  library: Library,
  ports: Partial<Ports> = {},
  settings: Partial<Settings> = {},
): UploadQueue {
  return new UploadQueue(
    {
      api: library,
      put: (...args) => library.put(...args),
      hash: async (file, progress, signal) => {
        await sleep(3, signal);
        progress(file.size);
        const text = await file.text();
        return Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16))
          .join('')
          .padEnd(64, '0')
          .slice(0, 64);
      },
      inspect: async () => ({ type: 'image/jpeg' }),
      clock: {
        now: Date.now,
        after: (ms, callback) => {
          const timer = setTimeout(callback, ms);
          return () => clearTimeout(timer);
        },
      },
      random: () => 0.5,
      online: () => true,
      readable: async () => true,
      ...ports,
    },
    () => {},
    settings,
  );
}

export function states(queue: UploadQueue): Record<string, number> {
  const count: Record<string, number> = {};
  for (const { state } of queue.items) count[state] = (count[state] ?? 0) + 1;
  return count;
}

export function only(queue: UploadQueue): UploadItem {
  const [item, ...rest] = queue.items;
  if (item === undefined || rest.length > 0) throw new Error('The list does not have exactly one item.');
  return item;
}
