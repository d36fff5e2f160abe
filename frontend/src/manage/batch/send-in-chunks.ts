/** Changes of many pictures, in requests of so many that each is answered soon, whatever their texts are. */
import { ApiError, NetworkError, isAbort, isTransient } from '../../api/errors';
import { describeError } from '../../app/messages';
import { computeBackoff } from '../../upload/stage/backoff';

/** Ids of one request. The API takes 500, for which long texts without spaces, as in Chinese, take half a minute. */
export const CHUNK_SIZE = 100;

/** Times that a request is sent before its pictures count as failed. */
const MAX_ATTEMPTS = 5;

const STOPPED_UNSENT = 'Stopped before it was sent.';
const STOPPED_UNANSWERED = 'Stopped before an answer came.';

export interface Failure {
  id: string;
  reason: string;
  /** No answer came that says so: it may have been done all the same. */
  isUnknown?: boolean;
}

/** Errors of what has to be known before a change, which was not sent. */
const unsent = new WeakSet<object>();

/** Records that the change itself was not sent yet when `error` came. Returns it. */
export function noteUnsent(error: unknown): unknown {
  if (error instanceof Error) unsent.add(error);
  return error;
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

/** Why the sending has ended early, and the ids to which no answer came. */
export interface Remainder {
  error: unknown;
  ids: string[];
  /** Those of them that were sent, and may be changed all the same: the answer was lost. */
  unanswered: string[];
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
    let isLost = false;
    const sendChunk = async (): Promise<Answer[]> => {
      try {
        return await send(chunk, signal);
      } catch (error) {
        isLost ||= isAnswerLost(error);
        throw error;
      }
    };
    try {
      signal.throwIfAborted();
      onanswers(await sendWithRetries(sendChunk, { signal, wait, onoutage, random }));
    } catch (error) {
      return { error, ids: ids.slice(start), unanswered: isLost ? chunk : [] };
    }
  }
  return null;
}

/** What to tell about each picture to which no answer came. */
export function listUnsent({ error, ids, unanswered }: Remainder): Failure[] {
  const isStopped = isAbort(error);
  const lost = new Set(unanswered);
  return ids.map((id) =>
    lost.has(id)
      ? { id, reason: isStopped ? STOPPED_UNANSWERED : describeError(error), isUnknown: true }
      : { id, reason: isStopped ? STOPPED_UNSENT : describeError(error) },
  );
}

/**
 * Whether the library may have carried out a request that has failed like this, or a part of it. Its own 503 is no exception: it
 * comes also where time was not enough for all pictures, or where the database was gone before it had answered a commit.
 */
export function isAnswerLost(error: unknown): boolean {
  if (error instanceof ApiError) return !unsent.has(error) && (error.status >= 500 || error.status === 408);
  return error instanceof NetworkError && !unsent.has(error);
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
  let failures = 0;
  /** Attempts without an answer, one after another, where that is no failure. What failed before them counts no more. */
  let outages = 0;
  for (;;) {
    try {
      const answer = await send();
      onoutage?.(false);
      return answer;
    } catch (error) {
      const isAway = onoutage !== undefined && error instanceof NetworkError;
      onoutage?.(isAway);
      failures = isAway ? 0 : failures + 1;
      outages = isAway ? outages + 1 : 0;
      if (!isTransient(error) || failures >= MAX_ATTEMPTS) throw error;
      const retryAfter = error instanceof ApiError ? error.retryAfter : null;
      await wait(computeBackoff(failures + outages, random(), { retryAfter }));
      signal.throwIfAborted();
    }
  }
}
