import type { HashMessage, HashRequest } from './hash.worker';
import type { HashFile, HashListener } from '../stage/ports';

interface Job extends HashListener {
  resolve: (sha256: string) => void;
  reject: (error: Error) => void;
}

interface PooledWorker {
  worker: Worker;
  jobs: Map<number, Job>;
}

/** Hashes files in a pool of web workers. A worker starts when a file finds the others busy, up to `limit`. */
export function createHashWorkers(limit: number): HashFile {
  const pool: PooledWorker[] = [];
  let nextId = 1;

  function chooseWorker(): PooledWorker {
    const idle = pool.find(({ jobs }) => jobs.size === 0);
    if (idle !== undefined) return idle;
    if (pool.length < limit) pool.push(startWorker());
    return pool.reduce((best, other) => (other.jobs.size < best.jobs.size ? other : best));
  }

  return (file, listener, signal) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      const { worker, jobs } = chooseWorker();
      jobs.set(id, { ...listener, resolve, reject });
      signal.addEventListener('abort', () => {
        jobs.delete(id);
        reject(new DOMException('Cancelled', 'AbortError'));
      });
      worker.postMessage({ id, file } satisfies HashRequest);
    });
}

function startWorker(): PooledWorker {
  const worker = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' });
  const jobs = new Map<number, Job>();
  worker.onmessage = (event: MessageEvent<HashMessage>) => handleMessage(jobs, event.data);
  worker.onerror = (event) => {
    for (const job of jobs.values()) job.reject(new Error(event.message || 'The hashing worker failed.'));
    jobs.clear();
  };
  return { worker, jobs };
}

function handleMessage(jobs: Map<number, Job>, message: HashMessage): void {
  const job = jobs.get(message.id);
  if (job === undefined) return;
  if ('hashedBytes' in message) {
    job.onProgress(message.hashedBytes);
    return;
  }
  if ('sha256' in message) {
    job.resolve(message.sha256);
    return;
  }
  jobs.delete(message.id);
  if ('error' in message) job.reject(new Error(message.error));
  else job.onEmbedded(message.embedded);
}
