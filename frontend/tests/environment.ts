/**
 * Node as it is, with modules compiled for the client as in the page, so that runes are reactive. Files that need a
 * document say `@vitest-environment happy-dom`, which takes half a second for each of them.
 */
import type { Environment } from 'vitest/runtime';

export default {
  name: 'client',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
} satisfies Environment;
