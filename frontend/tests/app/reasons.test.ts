import { describe, expect, it } from 'vitest';
import type { FileError } from '../../src/api/types';
import { createApiReason, createReason, withRetryHint } from '../../src/app/reasons';

describe('reasons', () => {
  it('offer a retry only where one can help', () => {
    const detail = '';
    expect(createReason('connection-lost').canRetry).toBe(true);
    expect(createReason('file-too-large', 2000, 1000).canRetry).toBe(false);
    expect(createApiReason({ code: 'truncated', detail }).canRetry).toBe(false);
    expect(createApiReason({ code: 'changed', detail }).canRetry).toBe(true);
  });

  it('ask for other details where those are the cause, and for nothing where nothing helps', () => {
    const detail = '';
    const byDetails = { canRetry: false, needsOtherDetails: true };
    expect(createApiReason({ code: 'invalid-tag', detail })).toMatchObject(byDetails);
    expect(createApiReason({ code: 'unknown-license', detail })).toMatchObject(byDetails);
    const byNothing = createApiReason({ code: 'invalid-field', detail });
    expect(byNothing).toEqual({ code: 'invalid-field', detail, canRetry: false });
  });

  it('allow a retry after a code that is newer than the page', () => {
    const error = { code: 'invented-tomorrow', detail: 'No.' } as unknown as FileError;
    expect(createApiReason(error)).toEqual({ ...error, canRetry: true });
  });

  it('say what a file waits for', () => {
    const reason = createReason('storage-busy');
    expect(withRetryHint(reason, true)).toEqual({ ...reason, hint: 'Trying again by itself.' });
    expect(withRetryHint(reason, false).hint).toMatch(/when the connection is back/);
  });
});
