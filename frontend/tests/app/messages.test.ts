import { describe, expect, it } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors';
import { describeError } from '../../src/app/messages';

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
