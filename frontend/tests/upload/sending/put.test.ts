// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { Ticket } from '../../../src/api/types';
import { putFile } from '../../../src/upload/sending/put';
import { createPhoto } from '../../fixtures';

const TICKET: Ticket = {
  method: 'PUT',
  url: 'https://storage.test/A',
  headers: {
    'content-type': 'image/jpeg',
    'if-none-match': '*',
    Host: 'storage.test',
    'content-length': '5',
  },
  expires: '2026-05-01T12:00:00Z',
};

/** The part of XMLHttpRequest that a PUT needs. */
class FakeRequest {
  static last: FakeRequest;
  status = 0;
  responseText = '';
  headers: Record<string, string> = {};
  body: unknown = null;
  target = '';
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;

  constructor() {
    FakeRequest.last = this;
  }

  open(method: string, url: string): void {
    this.target = `${method} ${url}`;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  send(body: unknown): void {
    this.body = body;
  }

  abort(): void {
    this.onabort?.();
  }
}

const file = createPhoto('a.jpg');
const onProgress = vi.fn<(bytes: number) => void>();
let abort: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
  onProgress.mockClear();
  abort = new AbortController();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('putFile', () => {
  it('sends the file with the headers that a script may set', async () => {
    const answer = putFile(TICKET, file, onProgress, abort.signal);
    const request = FakeRequest.last;
    expect(request.target).toBe('PUT https://storage.test/A');
    expect(request.headers).toEqual({ 'content-type': 'image/jpeg', 'if-none-match': '*' });
    expect(request.body).toBe(file);
    request.upload.onprogress?.({ loaded: 3 });
    expect(onProgress).toHaveBeenCalledExactlyOnceWith(3);
    request.status = 412;
    request.onload?.();
    expect(await answer).toEqual({ status: 412, code: '' });
  });

  it('reads the name of an error in the answer of S3', async () => {
    const answer = putFile(TICKET, file, onProgress, abort.signal);
    const request = FakeRequest.last;
    request.status = 400;
    request.responseText =
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>RequestTimeout</Code><Message>Idle</Message></Error>';
    request.onload?.();
    expect(await answer).toEqual({ status: 400, code: 'RequestTimeout' });
  });

  it('tells a broken connection from a cancelled upload', async () => {
    const broken = putFile(TICKET, file, onProgress, abort.signal);
    FakeRequest.last.onerror?.();
    await expect(broken).rejects.toBeInstanceOf(NetworkError);
    const cancelled = putFile(TICKET, file, onProgress, abort.signal);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('gives up when nothing moves for a long time', async () => {
    const stalled = expect(putFile(TICKET, file, onProgress, abort.signal)).rejects.toBeInstanceOf(
      NetworkError,
    );
    await vi.advanceTimersByTimeAsync(60_000);
    FakeRequest.last.upload.onprogress?.({ loaded: 1 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    await stalled;
    expect(vi.getTimerCount()).toBe(0);
  });
});
