/**
 * Milliseconds before attempt number `attempt` (1 = the first repeat): doubles from `base` to `cap`, with
 * half of it random so that many browsers do not come back together. A server's Retry-After is a minimum.
 */
export function backoff(
  attempt: number,
  random: number,
  { base = 500, cap = 30_000, retryAfter = null as number | null } = {},
): number {
  const ceiling = Math.min(cap, base * 2 ** Math.max(0, attempt - 1));
  const delay = ceiling / 2 + (ceiling / 2) * random;
  return Math.max(delay, (retryAfter ?? 0) * 1000);
}
