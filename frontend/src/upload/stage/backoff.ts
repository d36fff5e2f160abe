/**
 * Ms before retry number `attempt` (1 is the first): doubles from `base` to `cap`, half of it random, so that many
 * browsers do not come back at once. A server's `retryAfter` (seconds) is a minimum.
 */
export function computeBackoff(
  attempt: number,
  random: number,
  { base = 500, cap = 30_000, retryAfter = null as number | null } = {},
): number {
  const ceiling = Math.min(cap, base * 2 ** Math.max(0, attempt - 1));
  const delay = ceiling / 2 + (ceiling / 2) * random;
  return Math.max(delay, (retryAfter ?? 0) * 1000);
}
