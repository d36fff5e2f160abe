// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { HashMessage, HashRequest } from '../../../src/upload/hashing/hash.worker';
import { createHashWorkers } from '../../../src/upload/hashing/hash-workers';
import type { Embedded } from '../../../src/upload/embedded/embedded';
import type { HashListener } from '../../../src/upload/stage/ports';
import { createEmbedded, createPhoto } from '../../fixtures';

class FakeWorker {
  static all: FakeWorker[] = [];
  requests: HashRequest[] = [];
  onmessage?: (event: { data: HashMessage }) => void;
  onerror?: (event: { message: string }) => void;
  isTerminated = false;

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(request: HashRequest): void {
    this.requests.push(request);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(
    index: number,
    message: { hashedBytes: number } | { sha256: string } | { embedded: Embedded | null } | { error: string },
  ): void {
    this.onmessage?.({ data: { id: this.requests[index]?.id ?? 0, ...message } });
  }
}

beforeEach(() => {
  FakeWorker.all = [];
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => void vi.unstubAllGlobals());

const signal = new AbortController().signal;
const listener: HashListener = { onProgress: () => {}, onReading: () => {}, onEmbedded: () => {} };

describe('createHashWorkers', () => {
  it('starts workers only when others are busy, and gives a file to the one with the least to do', () => {
    const hash = createHashWorkers(2);
    for (const name of ['a', 'b', 'c', 'd']) void hash(createPhoto(name), listener, signal);
    expect(FakeWorker.all.map(({ requests }) => requests.map(({ file }) => file.name))).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  it('reports progress, then the hash', async () => {
    const onProgress = vi.fn<(bytes: number) => void>();
    const sha256 = createHashWorkers(1)(createPhoto('a'), { ...listener, onProgress }, signal);
    FakeWorker.all[0]?.answer(0, { hashedBytes: 4 });
    FakeWorker.all[0]?.answer(0, { sha256: '00ff' });
    expect(await sha256).toBe('00ff');
    expect(onProgress).toHaveBeenCalledExactlyOnceWith(4);
  });

  it('tells what the file says after the hash, and is busy until then', async () => {
    const embedded = createEmbedded({ title: 'Harbour' });
    const onEmbedded = vi.fn<(embedded: Embedded | null) => void>();
    const onReading = vi.fn();
    const hash = createHashWorkers(2);
    const sha256 = hash(createPhoto('a'), { ...listener, onReading, onEmbedded }, signal);
    FakeWorker.all[0]?.answer(0, { sha256: '00ff' });
    expect(await sha256).toBe('00ff');
    void hash(createPhoto('b'), listener, signal);
    expect(FakeWorker.all).toHaveLength(2);
    FakeWorker.all[0]?.answer(0, { embedded });
    expect(onEmbedded).toHaveBeenCalledExactlyOnceWith(embedded);
    expect(onReading).toHaveBeenCalledBefore(onEmbedded);
    void hash(createPhoto('c'), listener, signal);
    expect(FakeWorker.all[0]?.requests.map(({ file }) => file.name)).toEqual(['a', 'c']);
  });

  it('rejects when the file cannot be read, or the worker fails', async () => {
    const hash = createHashWorkers(1);
    const unreadable = hash(createPhoto('a'), listener, signal);
    FakeWorker.all[0]?.answer(0, { error: 'NotReadableError' });
    await expect(unreadable).rejects.toThrow('NotReadableError');
    const failed = hash(createPhoto('b'), listener, signal);
    FakeWorker.all[0]?.onerror?.({ message: '' });
    await expect(failed).rejects.toThrow('The hashing worker failed.');
  });

  it('replaces a worker that has failed: without an answer, the network may be the reason', async () => {
    const hash = createHashWorkers(1);
    const unloaded = hash(createPhoto('a'), listener, signal);
    FakeWorker.all[0]?.onerror?.({ message: '' });
    await expect(unloaded).rejects.toBeInstanceOf(NetworkError);
    expect(FakeWorker.all[0]?.isTerminated).toBe(true);
    const failed = hash(createPhoto('b'), listener, signal);
    FakeWorker.all[1]?.answer(0, { hashedBytes: 1 });
    FakeWorker.all[1]?.onerror?.({ message: 'out of memory' });
    await expect(failed).rejects.not.toBeInstanceOf(NetworkError);
    void hash(createPhoto('c'), listener, signal);
    expect(FakeWorker.all).toHaveLength(3);
  });

  it('gives up a reader that does not come to an end, and hashes the other files elsewhere', async () => {
    vi.useFakeTimers();
    const onEmbedded = vi.fn<(embedded: Embedded | null) => void>();
    const hash = createHashWorkers(1);
    const sha256 = hash(createPhoto('bomb'), { ...listener, onEmbedded }, signal);
    const other = hash(createPhoto('good'), listener, signal);
    FakeWorker.all[0]?.answer(0, { sha256: '00ff' });
    expect(await sha256).toBe('00ff');
    vi.advanceTimersByTime(4999);
    expect(FakeWorker.all[0]?.isTerminated).toBe(false);
    vi.advanceTimersByTime(1);
    expect(FakeWorker.all[0]?.isTerminated).toBe(true);
    expect(onEmbedded).toHaveBeenCalledExactlyOnceWith(null);
    expect(FakeWorker.all[1]?.requests.map(({ file }) => file.name)).toEqual(['good']);
    FakeWorker.all[1]?.answer(0, { sha256: '11ff' });
    expect(await other).toBe('11ff');
    FakeWorker.all[1]?.answer(0, { embedded: null });
    vi.advanceTimersByTime(60_000);
    expect(FakeWorker.all[1]?.isTerminated).toBe(false);
    vi.useRealTimers();
  });

  it('counts a cancelled file as done', async () => {
    const hash = createHashWorkers(2);
    const abort = new AbortController();
    const cancelled = hash(createPhoto('a'), listener, abort.signal);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    void hash(createPhoto('b'), listener, signal);
    expect(FakeWorker.all).toHaveLength(1);
  });
});
