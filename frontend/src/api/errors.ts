import type { Problem } from './types';

/** The API answered, with a problem. `retryAfter` is in seconds. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retryAfter: number | null = null,
    readonly problem: Problem | null = null,
  ) {
    super(detail);
  }
}

/** No answer came: the line is down, or the request was cut off. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

/** Will the same request succeed later, without anybody doing anything? */
export function isTransient(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  return error instanceof ApiError && (error.status >= 500 || error.status === 429 || error.status === 408);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** What to tell a person about any error. */
export function describe(error: unknown): string {
  if (error instanceof ApiError) return error.detail;
  if (error instanceof NetworkError) return 'The server cannot be reached. Check your connection.';
  return error instanceof Error ? error.message : String(error);
}

/** Seconds of a Retry-After header (a number or an HTTP date), or null. */
export function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
