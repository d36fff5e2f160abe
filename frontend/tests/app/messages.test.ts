import { describe, expect, it } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors';
import type { FileError } from '../../src/api/types';
import { createApiReason, createReason, describeError, withRetryHint } from '../../src/app/messages';

describe('describeError', () => {
  it('prefers the API, except where the page has a better sentence', () => {
    expect(describeError(new ApiError(400, 'query-too-long', 'Shorten it.'))).toBe('Shorten it.');
    expect(describeError(new ApiError(404, 'not-found', 'No row.'))).toMatch(/no such picture/);
    expect(describeError(new ApiError(502, 'unknown', 'The server answered 502.'))).toMatch(/502/);
  });

  it.each([
    'database-busy',
    'database-unavailable',
    'database-waking',
    'storage-unavailable',
    'keys-unavailable',
    'busy',
    'statement-timeout',
  ] as const)('says which part is missing as the API says it: %s', (code) =>
    expect(describeError(new ApiError(503, code, `About ${code}.`))).toBe(`About ${code}.`),
  );

  it('has a sentence for everything else', () => {
    expect(describeError(new NetworkError('x'))).toMatch(/connection/);
    expect(describeError(new Error('Oops.'))).toBe('Oops.');
    expect(describeError('text')).toBe('text');
  });
});

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
