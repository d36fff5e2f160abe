import { createSubscriber } from 'svelte/reactivity';
import type { Clock } from './clock';

/** The time of a clock as a reactive value, which changes every `interval` ms while something reads it. */
export class Now {
  readonly #subscribe: () => void;

  constructor(
    private readonly clock: Clock,
    interval: number,
  ) {
    this.#subscribe = createSubscriber((update) => {
      const timer = setInterval(update, interval);
      return () => clearInterval(timer);
    });
  }

  /** Ms since 1970. */
  get current(): number {
    this.#subscribe();
    return this.clock.now();
  }
}
