import type { ErrorPlace, ProblemCode } from './types';

/** The API answered with a problem. `code` is `unknown` when the answer was not one of its own. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: ProblemCode | 'unknown',
    readonly detail: string,
    /** Seconds. */
    readonly retryAfter: number | null = null,
    /** The fields and parameters that the API finds wrong. */
    readonly places: readonly ErrorPlace[] = [],
  ) {
    super(detail);
  }
}

/** No answer came: the server cannot be reached, or the connection broke. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

/** Whether the same request may succeed later without anybody changing anything. */
export function isTransient(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  return error instanceof ApiError && (error.status >= 500 || error.status === 429 || error.status === 408);
}

/** Whether something in front of the API, such as a firewall, has refused the request, and would do so again. */
export function isRefusedOnTheWay(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.code !== 'unknown' || isTransient(error)) return false;
  // While a release is being published, an address may be unknown for a moment.
  return error.status >= 400 && error.status !== 404;
}

/** Whether the API answered with this status. */
export function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Seconds of a Retry-After header (a number or an HTTP date), or null. `now` is in ms since 1970. */
export function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
