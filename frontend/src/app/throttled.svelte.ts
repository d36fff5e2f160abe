import { untrack } from 'svelte';

/** The value of an expensive reactive expression, computed at most once every `interval` ms. No last change is lost. */
export class Throttled<T> {
  #value: T;
  /** Changes when the expression is to be computed again after an interval. */
  #intervals = $state(0);
  #isStale = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Ends the effect that computes the value. */
  readonly stop: () => void;

  constructor(read: () => T, interval: number) {
    this.#value = $state.raw(untrack(read));
    this.stop = $effect.root(() => {
      $effect(() => {
        void this.#intervals;
        // During an interval this effect depends on nothing but its end, however often the expression changes.
        if (this.#timer !== null) {
          this.#isStale = true;
          return;
        }
        this.#value = read();
        this.#timer = setTimeout(() => this.#endInterval(), interval);
      });
    });
  }

  get value(): T {
    return this.#value;
  }

  #endInterval(): void {
    this.#timer = null;
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#intervals += 1;
  }
}
