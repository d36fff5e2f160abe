import { svelte } from '@sveltejs/vite-plugin-svelte';
import { loadEnv, type Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { loadEarly } from './vite/early';
import { trimExifReader } from './vite/exif-reader';
import { limitFirstLoad } from './vite/first-load';
import { languages } from './vite/languages';
import { writeMissingPage } from './vite/missing-page';
import { writeWorker } from './vite/offline';
import { keepModulesApart } from './vite/one-module';
import { shortenLoader } from './vite/short-loader';
import { keepSvelteOnDemand } from './vite/svelte-on-demand';

/** Gzipped bytes of JavaScript in a visitor's first load. */
const BUDGET = 45_000;

const ROUTER_TESTS = 'tests/app/router.test.ts';

/** Gzipped bytes for times without a network. */
const OFFLINE_BUDGET = 5_000;

/**
 * A row of the virtual list is a plain element. Its library lets attributes be spread on an element of any kind, which
 * nothing here does, and for which Svelte's runtime in a visitor's first load is 1.5 kB larger.
 */
const plainRows: Plugin = {
  name: 'plain-rows',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('/virtua/lib/svelte/ListItem.svelte')) return null;
    const plain = code
      .replace(
        '<svelte:element this={as} bind:this={elementRef} {style} {...itemRest}>',
        '<div bind:this={elementRef} {style}>',
      )
      .replace('</svelte:element>', '</div>');
    if (plain.includes('svelte:element')) throw new Error('virtua has other rows now: adapt `plainRows`');
    return plain;
  },
};

/**
 * The page is made in the browser alone. Without what takes over HTML that a server has made of the components, Svelte's
 * runtime in a visitor's first load is 1.5 kB smaller.
 */
const noHydration: Plugin = {
  name: 'no-hydration',
  enforce: 'pre',
  apply: 'build',
  transform(code, id) {
    if (!id.endsWith('/svelte/src/internal/client/dom/hydration.js')) return null;
    const plain = code
      .replace('export let hydrating = false;', 'export const hydrating = false;')
      .replace('hydrating = value;', '');
    if (plain.length !== code.length - 16)
      throw new Error('svelte hydrates in another way now: adapt `noHydration`');
    return plain;
  },
};

export default defineConfig(({ mode }) => {
  const { PORT = '8000' } = loadEnv(mode, '.', '');
  const stack = `http://127.0.0.1:${PORT}`;
  return {
    plugins: [
      plainRows,
      noHydration,
      keepSvelteOnDemand(),
      svelte(),
      languages(),
      loadEarly('early'),
      shortenLoader(),
      keepModulesApart(),
      limitFirstLoad(BUDGET, ['public/theme.js']),
      writeMissingPage(),
      writeWorker(OFFLINE_BUDGET),
    ],
    build: {
      target: ['chrome123', 'firefox128', 'safari17.5'],
      // Data URLs for icons would save nothing and make the policy harder to read.
      assetsInlineLimit: 0,
      modulePreload: {
        polyfill: false,
        // The names of what a page on demand needs are in the first load. Scripts name their own, so most may wait.
        resolveDependencies: (page, dependencies) =>
          page.includes('PicturePage') ? dependencies : dependencies.filter((file) => file.endsWith('.css')),
      },
      reportCompressedSize: true,
      rolldownOptions: {
        input: { index: 'index.html', early: 'src/early.ts' },
        // Svelte's package does not say so. Without it, what only pages on demand use of Svelte is in the first load.
        treeshake: { moduleSideEffects: [{ test: /svelte\/src\/internal\/client\//, sideEffects: false }] },
        // Two files for the first load: what is fetched early, with all that it imports, and the rest. They are
        // smaller than many, and need no second round of requests.
        output: {
          codeSplitting: {
            groups: [
              { name: 'early', test: /\/src\/early\.ts$/, priority: 1 },
              { name: 'first', tags: ['$initial'] },
            ],
          },
        },
      },
    },
    worker: { format: 'es', plugins: () => [trimExifReader()] },
    server: { proxy: { '/api': stack, '/i': stack } },
    // Tests need the client's build of Svelte, in which runes are reactive.
    resolve: mode === 'test' ? { conditions: ['browser'] } : {},
    test: {
      environment: './tests/environment.ts',
      // A test that never ends fails; one on a machine that does much else at once does not.
      testTimeout: 60_000,
      setupFiles: ['./tests/patient.ts'],
      expect: { poll: { timeout: 30_000 } },
      projects: [
        // Every test makes its own objects, so files can share a process, which takes a third of the time.
        {
          extends: true,
          test: { name: 'shared', include: ['tests/**/*.test.ts'], exclude: [ROUTER_TESTS], isolate: false },
        },
        // The router listens to the window, as do those that other files have made.
        { extends: true, test: { name: 'router', include: [ROUTER_TESTS] } },
      ],
    },
  };
});
