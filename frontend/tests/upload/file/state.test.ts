import { describe, expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import * as state from '../../../src/upload/file/state';
import readme from '../../../README.md?raw';
import { createImage } from '../../fixtures';

const content = { type: 'image/jpeg', sha256: '00' };
const issued: state.IssuedTicket = {
  ticket: { method: 'PUT', url: '', headers: {}, expires: '2026-05-01T12:00:00Z' },
  issuedAt: 0,
};
const reason = createReason('storage-busy');

const hash = (waiting: state.Waiting): state.Hashed =>
  state.finishHashing(state.startHashing(waiting, new AbortController()), content);
const send = (queued: state.Queued): state.Uploading =>
  state.startSending(queued, issued, new AbortController());
const createUploading = (): state.Uploading => send(state.enqueue(hash(state.begin()), 'A', issued));

describe('transitions', () => {
  it('lead from waiting to ready', () => {
    const processing = state.finishSending(createUploading());
    expect(processing).toEqual({
      name: 'processing',
      content,
      id: 'A',
      retries: { sends: 0, creations: 0 },
    });
    const image = createImage('A');
    expect(state.finish(processing, image)).toEqual({ name: 'ready', content, image });
  });

  it('count PUTs that fail, until one succeeds', () => {
    const first = state.retrySending(createUploading(), reason, 5000, null);
    expect(first).toMatchObject({ name: 'queued', issued: null, notBefore: 5000, retries: { sends: 1 } });
    const second = state.retrySending(send(first), reason, 9000, issued);
    expect(second.retries.sends).toBe(2);
    expect(state.skipDelay(second).notBefore).toBe(0);
    expect(state.finishSending(send(second)).retries.sends).toBe(0);
  });

  it('do not count a PUT without a connection', () => {
    const queued = state.waitForConnection(createUploading(), createReason('connection-lost'));
    expect(queued).toMatchObject({ notBefore: 0, issued, retries: { sends: 0 } });
  });

  it('create a lost upload three times again, then fail', () => {
    let uploading = createUploading();
    for (let creations = 1; creations <= 3; creations++) {
      const hashed = state.recreate(uploading);
      if (hashed.name !== 'hashed') throw new Error('The upload has failed too early.');
      expect(hashed).toEqual({ name: 'hashed', content, retries: { sends: 0, creations } });
      uploading = send(state.enqueue(hashed, `B${creations}`, issued));
    }
    expect(state.recreate(uploading)).toMatchObject({ name: 'failed', reason: { code: 'upload-lost' } });
    expect(state.rehash(uploading)).toMatchObject({ name: 'failed', reason: { code: 'file-changed' } });
  });

  it('hash a file again that has changed', () => {
    expect(state.rehash(createUploading())).toEqual({
      name: 'waiting',
      retries: { sends: 0, creations: 1 },
    });
  });

  it('forget earlier failures on a restart', () => {
    const failed = state.fail(state.retrySending(createUploading(), reason, 0, null), reason);
    expect(state.restart(failed)).toEqual(state.begin());
  });

  it('go on when it was too late to cancel', () => {
    const uploading = createUploading();
    expect(state.undoCancel({ name: 'cancelling', from: uploading })).toMatchObject({
      name: 'processing',
      id: 'A',
    });
  });
});

describe('questions about a state', () => {
  const final: state.UploadState[] = [
    { name: 'ready', content, image: null },
    { name: 'duplicate', image: null, reason },
    { name: 'rejected', reason },
    { name: 'failed', reason },
    { name: 'cancelled' },
  ];

  it('tells final states from others', () => {
    expect(final.every(state.isFinal)).toBe(true);
    expect(state.isFinal(createUploading())).toBe(false);
  });

  it('knows when storage does not have the file', () => {
    expect(state.isUnsent(createUploading())).toBe(true);
    expect(state.isUnsent(state.finishSending(createUploading()))).toBe(false);
    expect(final.some(state.isUnsent)).toBe(false);
  });

  it('allows a retry where it can help', () => {
    expect(final.map(state.canRetry)).toEqual([false, true, true, true, true]);
    const present = createReason('already-in-library');
    expect(state.canRetry({ name: 'duplicate', image: null, reason: present })).toBe(false);
    const unreadable = state.fail(createUploading(), createReason('file-changed'));
    expect(state.canRetry(unreadable)).toBe(false);
    expect(state.canRetry(createUploading())).toBe(false);
  });

  it('finds the picture, the reason and the progress', () => {
    const image = createImage('A');
    expect(state.getImage({ name: 'ready', content, image })).toBe(image);
    expect(state.getImage({ name: 'cancelled' })).toBeNull();
    expect(state.getReason({ name: 'failed', reason })).toBe(reason);
    expect(state.getReason(createUploading())).toBeNull();
    expect(state.getDoneBytes(state.setSentBytes(createUploading(), 7))).toBe(7);
    expect(state.getDoneBytes({ name: 'cancelled' })).toBe(0);
  });
});

// The type checker refuses impossible states and transitions: each of these lines would be an error.
// @ts-expect-error An upload that is being sent has a ticket.
void ((): state.Uploading => ({ ...createUploading(), issued: null }));
// @ts-expect-error A cancelled file has no reason.
void ((): state.Cancelled => ({ name: 'cancelled', reason }));
// @ts-expect-error A file that is not hashed cannot be enqueued.
void (() => state.enqueue(state.begin(), 'A', issued));
// @ts-expect-error A file that is ready does not start over.
void ((ready: state.Ready) => state.restart(ready));

it('has the states that the README lists for tests of the page', () => {
  const names: Record<state.UploadState['name'], null> = {
    waiting: null,
    hashing: null,
    hashed: null,
    queued: null,
    uploading: null,
    processing: null,
    cancelling: null,
    ready: null,
    duplicate: null,
    rejected: null,
    failed: null,
    cancelled: null,
    missing: null,
  };
  const [, listed] = /^\| One upload .*; states: `([a-z ]+)`/m.exec(readme) ?? [];
  expect(listed?.split(' ')).toEqual(Object.keys(names));
});
