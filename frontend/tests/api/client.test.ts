import { describe, expect, it, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { ContributorClient } from '../../src/api/contributor-client';
import { ApiError, NetworkError } from '../../src/api/errors';

interface Call {
  path: string;
  init: RequestInit;
}

/** Whose the tokens are. */
const OWNERS: Readonly<Record<string, string>> = { OLD: 'alice', NEW: 'alice', ALICE: 'alice', BOB: 'bob' };

function createClient(
  respond: (call: Call) => Response | Error,
  session: { token: string | null } = { token: null },
): { client: ContributorClient; calls: Call[]; times: number[] } {
  const calls: Call[] = [];
  const times: number[] = [];
  const client = new ContributorClient({
    fetch: async (path, init = {}) => {
      const call = { path: String(path), init };
      calls.push(call);
      const result = respond(call);
      if (result instanceof Error) throw result;
      return result;
    },
    getToken: () => session.token,
    getOwner: () => OWNERS[session.token ?? ''] ?? null,
    onServerTime: (ms) => times.push(ms),
  });
  return { client, calls, times };
}

const createResponse = (body: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(body), init);
const getSentToken = ({ init }: Call): string | undefined =>
  (init.headers as Record<string, string>)['Authorization'];

describe('Client', () => {
  it('sorts parameters and sends public reads without the token', async () => {
    const { client, calls } = createClient(() => createResponse({ images: [], next: null }), { token: 'T' });
    await client.searchImages({ tag: ['b', 'a'], q: 'x', from: '2026-01-01' });
    expect(calls[0]?.path).toBe('/api/images?from=2026-01-01&q=x&tag=a&tag=b');
    expect(calls.map(getSentToken)).toEqual([undefined]);
  });

  it('sends the token to a private library once it has answered 401, and from then on', async () => {
    const { client, calls } = createClient(
      (call) =>
        getSentToken(call)
          ? createResponse({ images: [], next: null })
          : createResponse({ detail: 'Sign in.' }, { status: 401 }),
      { token: 'T' },
    );
    await client.searchImages({});
    await client.searchImages({});
    expect(calls.map(getSentToken)).toEqual([undefined, 'Bearer T', 'Bearer T']);
  });

  it('says that a library is private, and sends the token at once to one that is known to be', async () => {
    const onPrivate = vi.fn();
    const fetch = vi.fn((_path: string, init: RequestInit) =>
      Promise.resolve(
        new Headers(init.headers).has('Authorization')
          ? createResponse({ images: [], next: null })
          : createResponse({ detail: 'Sign in.' }, { status: 401 }),
      ),
    ) as unknown as typeof globalThis.fetch;
    await new Client({ fetch, getToken: () => 'T', onPrivate }).searchImages({});
    expect(onPrivate).toHaveBeenCalledOnce();
    expect(fetch).toHaveBeenCalledTimes(2);
    await new Client({ fetch, getToken: () => 'T', isPrivate: true }).searchImages({});
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it('repeats with the new token what was refused with one that somebody has replaced meanwhile', async () => {
    const session = { token: 'OLD' };
    const { client, calls } = createClient((call) => {
      session.token = 'NEW';
      return getSentToken(call) === 'Bearer NEW'
        ? createResponse({ uploads: [], next: null })
        : createResponse({ detail: 'It has expired.' }, { status: 401 });
    }, session);
    await client.listUploads(null);
    expect(calls.map(getSentToken)).toEqual(['Bearer OLD', 'Bearer NEW']);
  });

  it('repeats nothing in the name of somebody else who has signed in meanwhile', async () => {
    const session = { token: 'ALICE' };
    const { client, calls } = createClient((call) => {
      session.token = 'BOB';
      return getSentToken(call) === 'Bearer BOB'
        ? createResponse({ files: [] })
        : createResponse({ detail: 'It has expired.' }, { status: 401 });
    }, session);
    const file = { name: 'secret.jpg', type: 'image/jpeg', size: 1, sha256: '' };
    await expect(client.createUploads([file], {})).rejects.toBeInstanceOf(NetworkError);
    expect(calls.map(getSentToken)).toEqual(['Bearer ALICE']);
  });

  it('asks for words and for similar pictures', async () => {
    const { client, calls } = createClient(({ path }) =>
      createResponse(
        path.includes('words') ? { words: [{ word: 'sea', count: 2 }] } : { images: [], next: null },
      ),
    );
    expect(await client.listWords({ prefix: 'se' }, 8)).toEqual([{ word: 'sea', count: 2 }]);
    expect(await client.listWords({ related: 'water' }, 8)).toEqual([{ word: 'sea', count: 2 }]);
    expect(await client.listSimilar('A', 12)).toEqual([]);
    expect(calls.map(({ path }) => path)).toEqual([
      '/api/words?limit=8&prefix=se',
      '/api/words?limit=8&related=water',
      '/api/images/A/similar?limit=12',
    ]);
  });

  it('turns problems into errors with code, sentence and Retry-After', async () => {
    const { client } = createClient(() =>
      createResponse(
        { detail: 'Waking up.', code: 'database-waking' },
        { status: 503, headers: { 'Retry-After': '5' } },
      ),
    );
    const error = await client.getConfig().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 503,
      code: 'database-waking',
      detail: 'Waking up.',
      retryAfter: 5,
    });
  });

  it('copes with an answer that is not JSON', async () => {
    const { client } = createClient(() => new Response('<html>', { status: 502 }));
    await expect(client.getConfig()).rejects.toMatchObject({ status: 502, code: 'unknown' });
  });

  it('tells a broken connection from an answer', async () => {
    const { client } = createClient(() => new TypeError('Failed to fetch'));
    await expect(client.getConfig()).rejects.toBeInstanceOf(NetworkError);
  });

  it('takes an answer that breaks off for a broken connection', async () => {
    const { client } = createClient(() => new Response('{"images": [{"id'));
    await expect(client.getConfig()).rejects.toBeInstanceOf(NetworkError);
  });

  it('gives up an answer that does not come, and waits for what is changed', async () => {
    vi.useFakeTimers();
    try {
      const client = new ContributorClient({
        fetch: () => new Promise<Response>(() => undefined),
        getToken: () => 'token',
      });
      const read = client.getConfig().catch((error: unknown) => error);
      const change = vi.fn();
      client.deleteImages(['a']).then(change, change);
      await vi.advanceTimersByTimeAsync(25_000);
      expect(await read).toBeInstanceOf(NetworkError);
      expect(vi.getTimerCount()).toBe(0);
      expect(change).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });

  it('reports the clock of answers that no cache can have stored', async () => {
    const headers = { Date: 'Fri, 01 May 2026 12:00:00 GMT' };
    const { client, times } = createClient(
      () => createResponse({ images: [], files: [], next: null }, { headers }),
      { token: 'T' },
    );
    await client.searchImages({});
    await client.createUploads([], {});
    expect(times).toEqual([Date.parse('2026-05-01T12:00:00.500Z')]);
  });

  it('asks for many states in one request', async () => {
    const { client, calls } = createClient(() => createResponse({ uploads: [], next: null }), { token: 'T' });
    await client.listUploadsById(['A', 'B']);
    expect(calls[0]?.path).toBe('/api/uploads?ids=A%2CB');
  });

  it('edits a picture of one revision, and hands on which fields are wrong', async () => {
    const places = [{ pointer: '/credit', code: 'invalid-credit', detail: 'It is too long.' }];
    const { client, calls } = createClient(
      () => createResponse({ code: 'invalid-credit', detail: 'Wrong.', errors: places }, { status: 400 }),
      { token: 'T' },
    );
    await expect(client.editImage('A', { credit: 'x' }, 3)).rejects.toMatchObject({ places });
    expect(calls[0]).toMatchObject({
      path: '/api/images/A',
      init: { method: 'PATCH', body: '{"credit":"x"}', headers: { 'If-Match': '"3"' } },
    });
  });

  it('edits, deletes and restores many pictures with one request each', async () => {
    const answer = [{ id: 'A', state: 'gone' }];
    const { client, calls } = createClient(() => createResponse({ images: answer }), { token: 'T' });
    expect(await client.editImages({ ids: ['A'], add_tags: ['sea'] })).toEqual(answer);
    expect(await client.deleteImages(['A'])).toEqual(answer);
    expect(await client.restoreImages(['A'])).toEqual(answer);
    expect(calls.map(({ path, init }) => [init.method, path, init.body])).toEqual([
      ['POST', '/api/images/edit', '{"ids":["A"],"add_tags":["sea"]}'],
      ['POST', '/api/images/delete', '{"ids":["A"]}'],
      ['POST', '/api/images/restore', '{"ids":["A"]}'],
    ]);
  });

  it('asks for the original with the details of the picture, or as it is', async () => {
    const link = { url: 'https://storage.test/A', expires: '2026-05-01T12:00:00.000Z' };
    const { client, calls } = createClient(() => createResponse(link), { token: 'T' });
    expect(await client.getOriginal('A', true)).toEqual(link);
    await client.getOriginal('A', false);
    expect(calls.map(({ path }) => path)).toEqual([
      '/api/images/A/original?metadata=1',
      '/api/images/A/original',
    ]);
  });
});
