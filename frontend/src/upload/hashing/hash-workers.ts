import { NetworkError } from '../../api/errors';
import type { HashMessage, HashRequest } from './hash.worker';
import type { HashFile, HashListener } from '../stage/ports';

interface Job extends HashListener {
  file: File;
  resolve: (sha256: string) => void;
  reject: (error: Error) => void;
}

/** Ms that a worker has, once it knows the hash of a file, to read what the file says. */
const READING_LIMIT = 5000;

/** Hashes files in a pool of web workers. A worker starts when a file finds the others busy, up to `limit`. */
export function createHashWorkers(limit: number): HashFile {
  const pool: PooledWorker[] = [];
  let nextId = 1;

  function chooseWorker(): PooledWorker {
    const idle = pool.find(({ jobs }) => jobs.size === 0);
    if (idle !== undefined) return idle;
    if (pool.length < limit) pool.push(new PooledWorker(retire));
    return pool.reduce((best, other) => (other.jobs.size < best.jobs.size ? other : best));
  }

  /** Takes a worker that has ended out of the pool, and gives its jobs that are left to other workers. */
  function retire(worker: PooledWorker, undone: ReadonlyMap<number, Job>): void {
    pool.splice(pool.indexOf(worker), 1);
    for (const [id, job] of undone) chooseWorker().take(id, job);
  }

  return (file, listener, signal) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      chooseWorker().take(id, { ...listener, file, resolve, reject });
      signal.addEventListener('abort', () => {
        for (const { jobs } of pool) jobs.delete(id);
        reject(new DOMException('Cancelled', 'AbortError'));
      });
    });
}

class PooledWorker {
  readonly jobs = new Map<number, Job>();
  readonly #worker = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' });
  #hasAnswered = false;
  /** Runs while the worker reads what a file says: a file that was made for it can take a reader for minutes. */
  #timer = 0;

  constructor(private readonly onend: (worker: PooledWorker, undone: ReadonlyMap<number, Job>) => void) {
    this.#worker.onmessage = (event: MessageEvent<HashMessage>) => this.#handleMessage(event.data);
    this.#worker.onerror = ({ message }) => this.#fail(message || 'The hashing worker failed.');
  }

  take(id: number, job: Job): void {
    this.jobs.set(id, job);
    this.#worker.postMessage({ id, file: job.file } satisfies HashRequest);
  }

  #handleMessage(message: HashMessage): void {
    this.#hasAnswered = true;
    const { id } = message;
    const job = this.jobs.get(id);
    if ('hashedBytes' in message) {
      job?.onProgress(message.hashedBytes);
    } else if ('sha256' in message) {
      job?.onReading();
      job?.resolve(message.sha256);
      this.#timer = window.setTimeout(() => this.#giveUpReading(id), READING_LIMIT);
    } else {
      clearTimeout(this.#timer);
      this.jobs.delete(id);
      if ('error' in message) job?.reject(new Error(message.error));
      else job?.onEmbedded(message.embedded);
    }
  }

  #giveUpReading(id: number): void {
    this.jobs.get(id)?.onEmbedded(null);
    this.jobs.delete(id);
    this.#end();
  }

  /** A worker that has never answered could not load its script: that is a fault of the network, after which it is tried again. */
  #fail(message: string): void {
    const error = this.#hasAnswered ? new Error(message) : new NetworkError(message);
    for (const job of this.jobs.values()) {
      job.reject(error);
      // The hash of a file may be known already: then the file is uploaded without what it says about its picture.
      job.onEmbedded(null);
    }
    this.jobs.clear();
    this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#worker.terminate();
    const undone = new Map(this.jobs);
    this.jobs.clear();
    this.onend(this, undone);
  }
}
