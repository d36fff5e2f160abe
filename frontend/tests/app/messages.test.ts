import { describe, expect, it } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors';
import { describeError, ToldError } from '../../src/app/messages';

describe('describeError', () => {
  it('prefers the API, except where the page has a better sentence', () => {
    expect(describeError(new ApiError(400, 'query-too-long', 'Shorten it.'))).toBe('Shorten it.');
    expect(describeError(new ApiError(404, 'not-found', 'No row.'))).toMatch(/no such picture/);
  });

  it('says what to do where the API itself has not answered, or has failed', () => {
    const problems = [
      new ApiError(502, 'unknown', '502'),
      new ApiError(429, 'unknown', 'Too Many Requests'),
      new ApiError(500, 'internal-error', 'Something went wrong.'),
    ];
    for (const problem of problems) {
      expect(describeError(problem)).toBe(
        'The library could not answer just now. That usually passes within a minute.',
      );
    }
  });

  it.each([
    ['database-busy', 'The database is busy.', 'The library could not answer just now.'],
    ['database-unavailable', 'The database cannot be reached.', 'The library could not answer just now.'],
    ['database-waking', 'The database is waking up.', 'The library is waking up; this takes up to a minute.'],
    ['statement-timeout', 'The database is too slow.', 'The library could not answer just now.'],
  ] as const)('names no database to visitors: %s', (code, detail, told) =>
    expect(describeError(new ApiError(503, code, detail)).startsWith(told)).toBe(true),
  );

  it.each(['storage-unavailable', 'keys-unavailable', 'busy'] as const)(
    'says which part is missing as the API says it: %s',
    (code) => expect(describeError(new ApiError(503, code, `About ${code}.`))).toBe(`About ${code}.`),
  );

  it.each([403, 413, 400])('says that something in front of the API has refused a request: %i', (status) => {
    const told = describeError(new ApiError(status, 'unknown', String(status)));
    expect(told).toContain(`(${status})`);
    expect(told).toContain('Trying again will not help');
  });

  it('promises no end where an address is unknown for the moment in which a release is published', () => {
    expect(describeError(new ApiError(404, 'unknown', '404'))).toMatch(/usually passes/);
  });

  it('has a sentence for everything else', () => {
    expect(describeError(new NetworkError('x'))).toMatch(/connection/);
    expect(describeError(new ToldError('Somebody was faster.'))).toBe('Somebody was faster.');
  });

  it.each([
    new TypeError('Failed to fetch'),
    new TypeError('Failed to fetch dynamically imported module: https://library.example/assets/a.js'),
    new Error('Importing a module script failed.'),
    'text',
  ])('shows nobody what a browser says: %s', (error) => {
    const told = describeError(error);
    expect(told).toMatch(/^This did not work\. Check your connection/);
  });
});
