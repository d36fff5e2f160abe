/** What tests need of runes, which only the Svelte compiler understands. */
import { flushSync } from 'svelte';
import { onTestFinished } from 'vitest';

/** Every value that a reactive expression has had since this call. The test's end stops the watching. */
export function watch<T>(read: () => T): () => T[] {
  const values: T[] = [];
  const stop = $effect.root(() => {
    $effect(() => void values.push(read()));
  });
  onTestFinished(stop);
  flushSync();
  return () => {
    flushSync();
    return values;
  };
}

export class Counter {
  count = $state(0);
}

/** Properties of a component that change while it is mounted. */
export function reactive<T extends object>(properties: T): T {
  const props = $state(properties);
  return props;
}
