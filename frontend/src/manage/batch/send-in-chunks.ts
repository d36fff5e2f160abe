/** Changes of many pictures, in requests of so many that each is answered soon, whatever their texts are. */
import { ApiError, NetworkError, isTransient } from '../../api/errors';
import { describeError } from '../../app/messages';
import { computeBackoff } from '../../upload/stage/backoff';

/** Ids of one request. The API takes 500, for which long texts without spaces, as in Chinese, take half a minute. */
export const CHUNK_SIZE = 100;

/** Times that a request is sent before its pictures count as failed. */
const MAX_ATTEMPTS = 5;

export interface Failure {
  id: string;
  reason: string;
}

export interface ChunkOptions<Answer> {
  send: (ids: string[], signal: AbortSignal) => Promise<Answer[]>;
  /** Called with the answers to each request. */
  onanswers: (answers: Answer[]) => void;
  signal: AbortSignal;
  /** Resolves after so many ms. */
  wait: (ms: number) => Promise<void>;
  /**
   * Called with whether no answer comes. Where it is given, that is no failure: the request is sent again until there is an
   * answer, or the signal ends it.
   */
  onoutage?: ((isAway: boolean) => void) | undefined;
  random?: () => number;
  size?: number;
}

/** Why the sending has ended early, and the ids that no request has reached. */
export interface Remainder {
  error: unknown;
  ids: string[];
}

/**
 * Sends one request after another. A request that failed for a passing reason is sent again; any other failure, and an
 * abort between two requests, ends the sending: what was wrong with one request is wrong with the others. Resolves to null
 * when all ids were sent.
 */
export async function sendInChunks<Answer>(
  ids: readonly string[],
  { send, onanswers, signal, wait, onoutage, random = Math.random, size = CHUNK_SIZE }: ChunkOptions<Answer>,
): Promise<Remainder | null> {
  for (let start = 0; start < ids.length; start += size) {
    const chunk = ids.slice(start, start + size);
    try {
      signal.throwIfAborted();
      onanswers(await sendWithRetries(() => send(chunk, signal), { signal, wait, onoutage, random }));
    } catch (error) {
      return { error, ids: ids.slice(start) };
    }
  }
  return null;
}

/** What to tell about each picture that no request has reached. */
export function listUnsent({ error, ids }: Remainder): Failure[] {
  const reason = error instanceof DOMException ? 'Stopped before it was sent.' : describeError(error);
  return ids.map((id) => ({ id, reason }));
}

async function sendWithRetries<T>(
  send: () => Promise<T>,
  {
    signal,
    wait,
    onoutage,
    random,
  }: Pick<ChunkOptions<T>, 'signal' | 'wait' | 'onoutage'> & { random: () => number },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await send();
      onoutage?.(false);
      return answer;
    } catch (error) {
      const isAway = onoutage !== undefined && error instanceof NetworkError;
      onoutage?.(isAway);
      if (!isTransient(error) || (attempt >= MAX_ATTEMPTS && !isAway)) throw error;
      const retryAfter = error instanceof ApiError ? error.retryAfter : null;
      await wait(computeBackoff(attempt, random(), { retryAfter }));
      signal.throwIfAborted();
    }
  }
}
