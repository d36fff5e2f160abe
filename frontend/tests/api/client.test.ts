import { describe, expect, it } from 'vitest';
import { Client } from '../../src/api/client';
import { ApiError, NetworkError, parseRetryAfter } from '../../src/api/errors';
import { queryString } from '../../src/api/query';

interface Call {
  path: string;
  init: RequestInit;
}

function clientOf(
  answer: (call: Call) => Response | Error,
  token: string | null = null,
): { client: Client; calls: Call[]; times: number[] } {
  const calls: Call[] = [];
  const times: number[] = [];
  const client = new Client({
    fetch: async (path, init = {}) => {
      const call = { path: String(path), init };
      calls.push(call);
      const result = answer(call);
      if (result instanceof Error) throw result;
      return result;
    },
    token: () => token,
    onServerTime: (ms) => times.push(ms),
  });
  return { client, calls, times };
}

const json = (body: unknown, init: ResponseInit = {}): Response => new Response(JSON.stringify(body), init);
const sentToken = ({ init }: Call): string | undefined =>
  (init.headers as Record<string, string>)['Authorization'];

describe('Client', () => {
  it('sorts parameters and sends public reads without the token', async () => {
    const { client, calls } = clientOf(() => json({ images: [], next: null }), 'T');
    await client.images({ tag: ['b', 'a'], q: 'x', from: '2026-01-01' });
    expect(calls[0]?.path).toBe('/api/images?from=2026-01-01&q=x&tag=a&tag=b');
    expect(calls.map(sentToken)).toEqual([undefined]);
  });

  it('sends the token to a private library once it asks, and from then on', async () => {
    const { client, calls } = clientOf(
      (call) =>
        sentToken(call) ? json({ images: [], next: null }) : json({ detail: 'Sign in.' }, { status: 401 }),
      'T',
    );
    await client.images({});
    await client.images({});
    expect(calls.map(sentToken)).toEqual([undefined, 'Bearer T', 'Bearer T']);
  });

  it('asks for words and for similar pictures', async () => {
    const { client, calls } = clientOf(({ path }) =>
      json(path.includes('words') ? { words: [{ word: 'sea', count: 2 }] } : { images: [], next: null }),
    );
    expect(await client.words('se', 8)).toEqual([{ word: 'sea', count: 2 }]);
    expect(await client.similar('A', 12)).toEqual([]);
    expect(calls.map(({ path }) => path)).toEqual([
      '/api/words?limit=8&prefix=se',
      '/api/images/A/similar?limit=12',
    ]);
  });

  it('turns problems into errors with code, sentence and Retry-After', async () => {
    const { client } = clientOf(() =>
      json(
        { detail: 'Waking up.', code: 'database-unavailable' },
        { status: 503, headers: { 'Retry-After': '5' } },
      ),
    );
    const error = await client.config().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 503,
      code: 'database-unavailable',
      detail: 'Waking up.',
      retryAfter: 5,
    });
  });

  it('copes with an answer that is not JSON', async () => {
    const { client } = clientOf(() => new Response('<html>', { status: 502 }));
    await expect(client.config()).rejects.toMatchObject({ status: 502, code: 'unknown' });
  });

  it('tells a broken line from an answer', async () => {
    const { client } = clientOf(() => new TypeError('Failed to fetch'));
    await expect(client.config()).rejects.toBeInstanceOf(NetworkError);
  });

  it('notes the clock of answers that no cache has kept', async () => {
    const headers = { Date: 'Fri, 01 May 2026 12:00:00 GMT' };
    const { client, times } = clientOf(() => json({ images: [], files: [], next: null }, { headers }), 'T');
    await client.images({});
    await client.createUploads([], {});
    expect(times).toEqual([Date.parse('2026-05-01T12:00:00.500Z')]);
  });

  it('asks for many states in one request', async () => {
    const { client, calls } = clientOf(() => json({ uploads: [], next: null }), 'T');
    await client.uploadStates(['A', 'B']);
    expect(calls[0]?.path).toBe('/api/uploads?ids=A%2CB');
  });
});

describe('queryString', () => {
  it('leaves out what is empty', () => {
    expect(queryString({ b: '', a: null, c: undefined, d: 0 })).toBe('?d=0');
    expect(queryString({})).toBe('');
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
