import { svelte } from '@sveltejs/vite-plugin-svelte';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => {
  const { PORT = '8000' } = loadEnv(mode, '.', '');
  const stack = `http://127.0.0.1:${PORT}`;
  return {
    plugins: [svelte()],
    build: {
      target: ['chrome123', 'firefox128', 'safari17.5'],
      // Data URLs for icons would save nothing and make the policy harder to read.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: true,
    },
    worker: { format: 'es' },
    server: { proxy: { '/api': stack, '/i': stack } },
    // Tests need the client's build of Svelte, in which runes are reactive.
    resolve: mode === 'test' ? { conditions: ['browser'] } : {},
    test: {
      include: ['tests/**/*.test.ts'],
      environment: './tests/environment.ts',
      // A test that never ends fails; one on a machine that does much else at once does not.
      testTimeout: 60_000,
      // Every test makes its own objects, so files can share a process, which takes a third of the time.
      isolate: false,
    },
  };
});
