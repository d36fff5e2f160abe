import { describe, expect, it } from 'vitest';
import type { FileError } from '../../src/api/types';
import { ApiError, NetworkError } from '../../src/api/errors';
import {
  createApiReason,
  createReason,
  describeOutage,
  retellReason,
  withRetryHint,
} from '../../src/app/reasons';
import german from '../../locales/de.json';

describe('reasons', () => {
  it('offer a retry only where one can help', () => {
    const detail = '';
    expect(createReason('connection-lost').canRetry).toBe(true);
    expect(createReason('file-too-large', 2000, 1000).canRetry).toBe(false);
    expect(createApiReason({ code: 'truncated', detail }).canRetry).toBe(false);
    expect(createApiReason({ code: 'changed', detail }).canRetry).toBe(true);
  });

  it('offer none for a broken file that was refused before, whose own sentence says what helps', () => {
    const again = createReason('refused-before', { code: 'truncated', detail: 'The end is missing.' });
    expect(again.canRetry).toBe(false);
    expect(again.hint).toBeUndefined();
    const limited = createReason('refused-before', { code: 'too-many-pixels', detail: 'Too large.' });
    expect(limited).toMatchObject({ canRetry: true, hint: expect.stringContaining('Retry') });
  });

  it('ask for other details where those are the cause, and for nothing where nothing helps', () => {
    const detail = '';
    const byDetails = { canRetry: false, needsOtherDetails: true };
    expect(createApiReason({ code: 'invalid-tag', detail })).toMatchObject(byDetails);
    expect(createApiReason({ code: 'unknown-license', detail })).toMatchObject(byDetails);
    const byNothing = createApiReason({ code: 'invalid-field', detail });
    expect(byNothing).toEqual({ code: 'invalid-field', values: [''], detail, canRetry: false });
  });

  it('allow a retry after a code that is newer than the page', () => {
    const error = { code: 'invented-tomorrow', detail: 'No.' } as unknown as FileError;
    expect(createApiReason(error)).toEqual({ ...error, values: ['No.'], canRetry: true });
  });

  it('are told again from what they are made of, as the browser has stored it', () => {
    const reasons = [
      createReason('file-too-large', 2000, 1000),
      createReason('cancel-refused', new ApiError(400, 'invalid-id', 'That is not an id.')),
      createReason('request-refused', new NetworkError()),
      createReason('format-not-accepted', 'TIFF or camera raw', 'image/tiff', 'JPEG or PNG'),
      createApiReason({ code: 'truncated', detail: 'The end of the file is missing.' }),
    ];
    for (const reason of reasons) {
      const stored = structuredClone({ ...reason, detail: 'Auf Deutsch.', hint: 'Auch.' });
      expect(retellReason(stored)).toEqual(reason);
    }
    const old = { code: 'file-empty', detail: 'The file is empty.', canRetry: false };
    expect(retellReason(old as never)).toBe(old);
  });

  it.each([
    ...(['corrupt', 'empty', 'not-an-image', 'side-too-long', 'too-large', 'too-many-frames'] as const),
    ...(['too-many-pixels', 'too-much-memory', 'too-much-metadata', 'too-slow', 'truncated'] as const),
    ...(['undecodable', 'unsupported-type'] as const),
  ])('say in German, too, what to do about a file: %s', (code) => {
    expect(german[code]).toMatch(/[.:] .+ Sie .+\.$/);
  });

  it('name no database to contributors', () => {
    const error = new ApiError(503, 'database-unavailable', 'The database cannot be reached just now.');
    expect(describeOutage(error)).toBe('The library does not answer just now.');
    expect(describeOutage(new ApiError(503, 'busy', 'Busy.'))).toBe('Busy.');
  });

  it('say what a file waits for', () => {
    const reason = createReason('storage-busy');
    expect(withRetryHint(reason, true)).toEqual({ ...reason, hint: 'Trying again by itself.' });
    expect(withRetryHint(reason, false).hint).toMatch(/when the connection is back/);
  });
});
