import { describe, expect, it } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import {
  CHUNK_SIZE,
  listUnsent,
  sendInChunks,
  type Remainder,
} from '../../../src/manage/batch/send-in-chunks';

const IDS = Array.from({ length: 5 }, (_, index) => `id-${index}`);

/** Sends in twos; the requests that are named fail, each with the errors in turn. */
async function send(failures: Record<number, unknown[]> = {}, ids = IDS, size = 2) {
  const sent: string[][] = [];
  const answers: string[] = [];
  const waits: number[] = [];
  const abort = new AbortController();
  const remainder = await sendInChunks(ids, {
    send: async (chunk) => {
      sent.push(chunk);
      const error = failures[ids.indexOf(chunk[0] ?? '')]?.shift();
      if (error !== undefined) throw error;
      return chunk.map((id) => `${id}!`);
    },
    onanswers: (chunk) => answers.push(...chunk),
    signal: abort.signal,
    wait: async (ms) => void waits.push(ms),
    random: () => 0,
    size,
  });
  return { sent, answers, waits, remainder };
}

describe('many ids', () => {
  it('are sent in requests that are answered soon', async () => {
    const ids = Array.from({ length: 201 }, (_, index) => `id-${index}`);
    const { sent, answers, remainder } = await send({}, ids, CHUNK_SIZE);
    expect(sent.map((chunk) => chunk.length)).toEqual([100, 100, 1]);
    expect(answers).toHaveLength(201);
    expect(remainder).toBeNull();
  });

  it('are sent again after a passing failure, later each time, and not before the API wants', async () => {
    const errors = [new NetworkError(), new ApiError(503, 'busy', 'Busy.', 7)];
    const { sent, answers, waits, remainder } = await send({ 2: errors });
    expect(sent.map(([first]) => first)).toEqual(['id-0', 'id-2', 'id-2', 'id-2', 'id-4']);
    expect(waits).toEqual([250, 7000]);
    expect(answers).toHaveLength(5);
    expect(remainder).toBeNull();
  });

  it('are given up after so many failures', async () => {
    const { sent, remainder } = await send({ 2: Array.from({ length: 9 }, () => new NetworkError()) });
    expect(sent).toHaveLength(1 + 5);
    expect(remainder?.ids).toEqual(['id-2', 'id-3', 'id-4']);
  });

  it.each([
    ['no answer came', new NetworkError(), true],
    // What was done before the time was over, or before the connection to the database broke, stays done.
    ['the library was busy', new ApiError(503, 'busy', 'Busy.'), true],
    ['something in front of the library answered', new ApiError(504, 'unknown', '504'), true],
    ['there were too many requests', new ApiError(429, 'too-many-requests', 'Later.'), false],
  ])('may have been carried out, or not, where %s', async (_, error, isLost) => {
    const { remainder } = await send({ 2: Array.from({ length: 5 }, () => error) });
    expect(remainder?.unanswered).toEqual(isLost ? ['id-2', 'id-3'] : []);
  });

  it('are not sent further after a refusal', async () => {
    const refusal = new ApiError(400, 'invalid-credit', 'The credit is too long.');
    const { answers, remainder } = await send({ 2: [refusal] });
    expect(answers).toEqual(['id-0!', 'id-1!']);
    expect(remainder).toEqual({ error: refusal, ids: ['id-2', 'id-3', 'id-4'], unanswered: [] });
    expect(listUnsent(remainder as NonNullable<typeof remainder>)[0]).toEqual({
      id: 'id-2',
      reason: 'The credit is too long.',
    });
  });
});

describe('a change that waits for the network', () => {
  async function wait(errors: Error[], ids = ['a']) {
    const waits: number[] = [];
    const abort = new AbortController();
    const remainder = await sendInChunks(ids, {
      send: async (chunk) => {
        const error = errors.shift();
        if (error !== undefined) throw error;
        return chunk;
      },
      onanswers: () => undefined,
      signal: abort.signal,
      wait: async (ms) => {
        waits.push(ms);
        if (errors.length === 0) abort.abort();
      },
      onoutage: () => undefined,
      random: () => 0,
      size: 2,
    });
    return { remainder, waits, failures: listUnsent(remainder as Remainder) };
  }
  const busy = (): ApiError => new ApiError(503, 'busy', 'Busy.', 2);
  const lose = (): NetworkError => new NetworkError();

  it('outlasts a library that is busy at first when the network is back', async () => {
    const sent: number[] = [];
    const errors = [...Array.from({ length: 9 }, lose), busy(), busy(), busy(), busy()];
    const remainder = await sendInChunks(['a'], {
      send: async (chunk) => {
        sent.push(chunk.length);
        const error = errors.shift();
        if (error !== undefined) throw error;
        return chunk;
      },
      onanswers: () => undefined,
      signal: new AbortController().signal,
      wait: async () => undefined,
      onoutage: () => undefined,
    });
    expect([remainder, sent.length]).toEqual([null, 14]);
  });

  it('is given up where the library stays busy, however long the outage was', async () => {
    const { remainder, waits, failures } = await wait([
      ...Array.from({ length: 9 }, lose),
      ...Array.from({ length: 9 }, busy),
    ]);
    expect(remainder?.error).toEqual(busy());
    expect(failures).toEqual([{ id: 'a', reason: 'Busy.', isUnknown: true }]);
    // The first times after the outage are short again, but for what the library asks for.
    expect(waits.slice(9)).toEqual([2000, 2000, 2000, 2000]);
  });

  it('may have been carried out where it is stopped after its answer was lost', async () => {
    const { failures } = await wait([lose()], ['a', 'b', 'c']);
    const lost = 'Stopped before an answer came.';
    expect(failures).toEqual([
      { id: 'a', reason: lost, isUnknown: true },
      { id: 'b', reason: lost, isUnknown: true },
      { id: 'c', reason: 'Stopped before it was sent.' },
    ]);
    expect((await wait([new ApiError(504, 'unknown', '')])).failures[0]?.reason).toBe(lost);
    expect((await wait([lose(), busy()])).failures[0]?.reason).toBe(lost);
    expect((await wait([busy()])).failures[0]?.reason).toBe(lost);
    const limited = new ApiError(429, 'too-many-requests', 'Later.');
    expect((await wait([limited])).failures[0]?.reason).toBe('Stopped before it was sent.');
  });
});
