import { describe, expect, it } from 'vitest';
import { computeBackoff } from '../../../src/upload/stage/backoff';

describe('computeBackoff', () => {
  it('doubles up to its cap, half of it random', () => {
    expect([1, 2, 3, 4].map((attempt) => computeBackoff(attempt, 1))).toEqual([500, 1000, 2000, 4000]);
    expect(computeBackoff(3, 0)).toBe(1000);
    expect(computeBackoff(60, 1)).toBe(30_000);
  });

  it('is never less than Retry-After', () => {
    expect(computeBackoff(1, 0, { retryAfter: 9 })).toBe(9000);
  });
});
