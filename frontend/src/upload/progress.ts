import type { UploadItem, UploadState } from './item';

/** Where the whole list has got to. Dropped and cancelled files count for nothing, failed ones for no bytes. */
export interface Progress {
  total: number;
  finished: number;
  ready: number;
  failed: number;
  rejected: number;
  /** Waiting for "Upload". */
  staged: number;
  /** Started and not over. */
  active: number;
  bytes: number;
  sent: number;
}

type Countable = Pick<UploadItem, 'state' | 'size' | 'done'> & { started: boolean };

const LANDED: ReadonlySet<UploadState> = new Set(['processing', 'ready', 'duplicate']);

export function measure(items: Iterable<Countable>): Progress {
  const sum: Progress = {
    total: 0,
    finished: 0,
    ready: 0,
    failed: 0,
    rejected: 0,
    staged: 0,
    active: 0,
    bytes: 0,
    sent: 0,
  };
  for (const { state, size, done, started } of items) {
    if (state === 'cancelled') continue;
    if (state === 'rejected') {
      sum.rejected += 1;
      continue;
    }
    const over = state === 'ready' || state === 'duplicate' || state === 'failed';
    if (!started && !over) {
      sum.staged += 1;
      continue;
    }
    sum.total += 1;
    if (state !== 'failed') sum.bytes += size;
    if (LANDED.has(state)) sum.sent += size;
    if (state === 'uploading') sum.sent += Math.min(size, done);
    if (state === 'failed') sum.failed += 1;
    if (state === 'ready' || state === 'duplicate') sum.ready += 1;
    if (over) sum.finished += 1;
    else sum.active += 1;
  }
  return sum;
}

/** Bytes a second over the last few seconds. */
export class RateMeter {
  #samples: { at: number; bytes: number }[] = [];

  constructor(private readonly windowMs = 5000) {}

  /** Notes the bytes sent so far at a time (ms); returns the rate, 0 while it is unknown. */
  note(bytes: number, at: number): number {
    const last = this.#samples.at(-1);
    if (last !== undefined && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= this.windowMs)
      this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || at - first.at < 200) return 0;
    return ((bytes - first.bytes) * 1000) / (at - first.at);
  }
}
