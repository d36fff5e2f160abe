import type { HashAnswer, HashRequest } from './hash.worker';
import type { Hash } from './ports';

interface Waiting {
  onProgress: (bytes: number) => void;
  resolve: (sha256: string) => void;
  reject: (error: Error) => void;
}

/** Hashing in web workers, which start with the first file; each file goes to the worker with the least to do. */
export function createHasher(workers: number): Hash {
  const pool: { worker: Worker; jobs: Map<number, Waiting> }[] = [];
  let nextId = 1;

  function leastBusy(): (typeof pool)[number] {
    const idle = pool.find(({ jobs }) => jobs.size === 0);
    if (idle !== undefined) return idle;
    if (pool.length < workers) {
      const worker = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' });
      const jobs = new Map<number, Waiting>();
      worker.onmessage = (event: MessageEvent<HashAnswer>) => settle(jobs, event.data);
      worker.onerror = (event) => {
        for (const job of jobs.values()) job.reject(new Error(event.message || 'The hashing worker failed.'));
        jobs.clear();
      };
      pool.push({ worker, jobs });
    }
    return pool.reduce((best, one) => (one.jobs.size < best.jobs.size ? one : best));
  }

  return (file, onProgress, signal) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      const { worker, jobs } = leastBusy();
      jobs.set(id, { onProgress, resolve, reject });
      signal.addEventListener('abort', () => {
        jobs.delete(id);
        reject(new DOMException('Cancelled', 'AbortError'));
      });
      worker.postMessage({ id, file } satisfies HashRequest);
    });
}

function settle(jobs: Map<number, Waiting>, answer: HashAnswer): void {
  const job = jobs.get(answer.id);
  if (job === undefined) return;
  if ('done' in answer) {
    job.onProgress(answer.done);
    return;
  }
  jobs.delete(answer.id);
  if ('sha256' in answer) job.resolve(answer.sha256);
  else job.reject(new Error(answer.error));
}
