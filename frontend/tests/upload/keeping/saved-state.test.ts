import { describe, expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import { begin, type UploadState } from '../../../src/upload/file/state';
import { needsContent, restoreState, saveState } from '../../../src/upload/keeping/saved-state';

const content = { type: 'image/jpeg', sha256: '00' };
const retries = { sends: 2, creations: 1 };
const ticket = { method: 'PUT', url: '', headers: {}, expires: '2026-05-01T12:00:00Z' } as const;
const issued = { ticket, issuedAt: 0 };
const abort = new AbortController();

const fail = (code: 'storage-busy' | 'file-empty'): UploadState => ({
  name: 'failed',
  reason: createReason(code),
});

describe('a state that outlives the page', () => {
  it.each<[UploadState, UploadState['name'], UploadState['name']]>([
    [begin(), 'waiting', 'missing'],
    [{ name: 'hashing', abort, hashedBytes: 5, retries }, 'waiting', 'missing'],
    [{ name: 'hashed', content, retries }, 'hashed', 'missing'],
    [{ name: 'queued', content, id: 'A', issued, notBefore: 5, reason: null, retries }, 'queued', 'missing'],
    [{ name: 'uploading', content, id: 'A', issued, abort, sentBytes: 5, retries }, 'queued', 'missing'],
    [{ name: 'processing', content, id: 'A', retries }, 'processing', 'processing'],
    [
      { name: 'cancelling', from: { name: 'processing', content, id: 'A', retries } },
      'cancelling',
      'cancelling',
    ],
    [{ name: 'missing', content }, 'hashed', 'missing'],
    [{ name: 'missing', content: null }, 'waiting', 'missing'],
    [fail('file-empty'), 'failed', 'failed'],
  ])('goes on with the file, or is missing without it: %#', (state, withFile, withoutFile) => {
    const saved = structuredClone(saveState(state));
    expect(restoreState(saved, true).name).toBe(withFile);
    expect(restoreState(saved, false).name).toBe(withoutFile);
  });

  it('gets a new ticket, as the old one may have run out', () => {
    const state: UploadState = {
      name: 'queued',
      content,
      id: 'A',
      issued,
      notBefore: 5,
      reason: null,
      retries,
    };
    expect(restoreState(saveState(state), true)).toMatchObject({ id: 'A', issued: null, notBefore: 0 });
  });

  it('needs the file as long as it may be sent', () => {
    expect(needsContent(saveState(begin()))).toBe(true);
    expect(needsContent(saveState({ name: 'processing', content, id: 'A', retries }))).toBe(false);
    expect(needsContent(saveState(fail('storage-busy')))).toBe(true);
    expect(needsContent(saveState(fail('file-empty')))).toBe(false);
  });
});
