import type { UploadItem } from './item.svelte';
import { getDoneBytes, isFinal, isUnsent } from './state';

/** Sums over all files. Rejected and cancelled files do not count in `total`, and failed files not in `bytes`. */
export interface Progress {
  total: number;
  finished: number;
  ready: number;
  failed: number;
  rejected: number;
  cancelled: number;
  /** Files that wait for "Upload". */
  staged: number;
  /** Files that are started and not finished. */
  active: number;
  /** Chosen files that storage does not have yet. Closing the page loses them. */
  unsent: number;
  bytes: number;
  sentBytes: number;
}

type Countable = Pick<UploadItem, 'state' | 'size' | 'isStarted'>;

export function sumProgress(items: Iterable<Countable>): Progress {
  const sum: Progress = {
    total: 0,
    finished: 0,
    ready: 0,
    failed: 0,
    rejected: 0,
    cancelled: 0,
    staged: 0,
    active: 0,
    unsent: 0,
    bytes: 0,
    sentBytes: 0,
  };
  for (const { state, size, isStarted } of items) {
    if (state.name === 'rejected' || state.name === 'cancelled') {
      sum[state.name] += 1;
      continue;
    }
    if (isUnsent(state) && state.name !== 'cancelling') sum.unsent += 1;
    if (!isStarted && !isFinal(state)) {
      sum.staged += 1;
      continue;
    }
    sum.total += 1;
    if (state.name === 'failed') {
      sum.failed += 1;
    } else {
      sum.bytes += size;
      sum.sentBytes += countSentBytes(state, size);
    }
    if (state.name === 'ready' || state.name === 'duplicate') sum.ready += 1;
    if (isFinal(state)) sum.finished += 1;
    else sum.active += 1;
  }
  return sum;
}

function countSentBytes(state: UploadItem['state'], size: number): number {
  if (state.name === 'uploading') return Math.min(size, getDoneBytes(state));
  return state.name === 'processing' || isFinal(state) ? size : 0;
}

/** Bytes a second over the last few seconds. */
export class RateMeter {
  #samples: { time: number; bytes: number }[] = [];

  constructor(private readonly windowMs = 5000) {}

  /** Adds the bytes sent so far at a time (ms). Returns the rate, which is 0 until it is known. */
  add(bytes: number, time: number): number {
    const last = this.#samples.at(-1);
    if (last !== undefined && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ time, bytes });
    while (this.#samples.length > 2 && time - (this.#samples[1]?.time ?? time) >= this.windowMs) {
      this.#samples.shift();
    }
    const first = this.#samples[0];
    if (first === undefined || time - first.time < 200) return 0;
    return ((bytes - first.bytes) * 1000) / (time - first.time);
  }
}
