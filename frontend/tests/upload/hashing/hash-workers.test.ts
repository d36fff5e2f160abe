// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HashMessage, HashRequest } from '../../../src/upload/hashing/hash.worker';
import { createHashWorkers } from '../../../src/upload/hashing/hash-workers';
import { createPhoto } from '../../fixtures';

class FakeWorker {
  static all: FakeWorker[] = [];
  requests: HashRequest[] = [];
  onmessage?: (event: { data: HashMessage }) => void;
  onerror?: (event: { message: string }) => void;

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(request: HashRequest): void {
    this.requests.push(request);
  }

  answer(index: number, message: { hashedBytes: number } | { sha256: string } | { error: string }): void {
    this.onmessage?.({ data: { id: this.requests[index]?.id ?? 0, ...message } });
  }
}

beforeEach(() => {
  FakeWorker.all = [];
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => void vi.unstubAllGlobals());

const signal = new AbortController().signal;

describe('createHashWorkers', () => {
  it('starts workers only when others are busy, and gives a file to the one with the least to do', () => {
    const hash = createHashWorkers(2);
    for (const name of ['a', 'b', 'c', 'd']) void hash(createPhoto(name), () => {}, signal);
    expect(FakeWorker.all.map(({ requests }) => requests.map(({ file }) => file.name))).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  it('reports progress, then the hash', async () => {
    const onProgress = vi.fn<(bytes: number) => void>();
    const sha256 = createHashWorkers(1)(createPhoto('a'), onProgress, signal);
    FakeWorker.all[0]?.answer(0, { hashedBytes: 4 });
    FakeWorker.all[0]?.answer(0, { sha256: '00ff' });
    expect(await sha256).toBe('00ff');
    expect(onProgress).toHaveBeenCalledExactlyOnceWith(4);
  });

  it('rejects when the file cannot be read, or the worker fails', async () => {
    const hash = createHashWorkers(1);
    const unreadable = hash(createPhoto('a'), () => {}, signal);
    FakeWorker.all[0]?.answer(0, { error: 'NotReadableError' });
    await expect(unreadable).rejects.toThrow('NotReadableError');
    const failed = hash(createPhoto('b'), () => {}, signal);
    FakeWorker.all[0]?.onerror?.({ message: '' });
    await expect(failed).rejects.toThrow('The hashing worker failed.');
  });

  it('counts a cancelled file as done', async () => {
    const hash = createHashWorkers(2);
    const abort = new AbortController();
    const cancelled = hash(createPhoto('a'), () => {}, abort.signal);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    void hash(createPhoto('b'), () => {}, signal);
    expect(FakeWorker.all).toHaveLength(1);
  });
});
