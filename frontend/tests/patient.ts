/** Waits in tests end with what they wait for: a machine that does much else at once has longer than a second for it. */
import { vi } from 'vitest';

const { waitFor } = vi;
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: 30_000, ...options });
