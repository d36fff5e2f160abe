/** The time and a timer; tests pass their own. */
export interface Clock {
  /** Ms since 1970. */
  now(): number;
  /** Calls back after so many ms, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** How far the server's clock is ahead of the local one (ms). */
let skew = 0;

export function noteServerTime(serverMs: number): void {
  skew = serverMs - Date.now();
}

/** Ms that a browser's timer can wait: one that is to wait longer ends at once. */
export const MAX_TIMEOUT = 2 ** 31 - 1;

/** What is more than 24 days away comes after 24 days, where a page stays open for so long. */
function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(ms, MAX_TIMEOUT));
  return () => clearTimeout(timer);
}

export const localClock: Clock = { now: () => Date.now(), after };

/** Tickets and sign-ins expire by the server's clock, however wrong the local one is. */
export const serverClock: Clock = { now: () => Date.now() + skew, after };

/** One timer that can be set again, which replaces the callback, and cleared. */
export class Timer {
  #cancel: (() => void) | null = null;

  constructor(private readonly clock: Clock) {}

  get isPending(): boolean {
    return this.#cancel !== null;
  }

  set(ms: number, callback: () => void): void {
    this.clear();
    this.#cancel = this.clock.after(ms, () => {
      this.#cancel = null;
      callback();
    });
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
