import { describe, expect, it } from 'vitest';
import { ApiError, NetworkError, hasStatus, isAbort, isTransient } from '../../src/api/errors';
import { parseRetryAfter } from '../../src/api/errors';

describe('isTransient', () => {
  it.each([
    [new NetworkError('down'), true],
    [new ApiError(503, 'database-unavailable', ''), true],
    [new ApiError(429, 'too-many-pending', ''), true],
    [new ApiError(408, 'unknown', ''), true],
    [new ApiError(400, 'invalid-tag', ''), false],
    [new Error('bug'), false],
  ])('%s: %s', (error, expected) => {
    expect(isTransient(error)).toBe(expected);
  });
});

describe('hasStatus', () => {
  it('is about answers of the API', () => {
    expect(hasStatus(new ApiError(404, 'not-found', ''), 404)).toBe(true);
    expect(hasStatus(new ApiError(404, 'not-found', ''), 401)).toBe(false);
    expect(hasStatus(new NetworkError('down'), 404)).toBe(false);
  });
});

describe('isAbort', () => {
  it('tells a cancelled request from a failed one', () => {
    expect(isAbort(new DOMException('Cancelled', 'AbortError'))).toBe(true);
    expect(isAbort(new NetworkError('down'))).toBe(false);
  });
});

describe('parseRetryAfter', () => {
  it('reads seconds and dates', () => {
    const now = Date.parse('2026-05-01T12:00:00Z');
    expect(parseRetryAfter('7', now)).toBe(7);
    expect(parseRetryAfter('Fri, 01 May 2026 12:00:30 GMT', now)).toBe(30);
    expect(parseRetryAfter(null, now)).toBeNull();
    expect(parseRetryAfter('soon', now)).toBeNull();
  });
});
