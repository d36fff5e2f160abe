/**
 * Imports on demand go through `src/app/import-with-styles.ts`. Vite's own function is 0.5 kB larger, as it also serves browsers,
 * policies and addresses that the page does not have, and takes a style sheet that has failed for one that is there.
 */
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

const OWN = resolve(import.meta.dirname, '../src/app/import-with-styles.ts');

export function shortenLoader(): Plugin {
  return {
    name: 'shorten-loader',
    apply: 'build',
    transform(code, id) {
      if (id !== '\0vite/preload-helper.js') return null;
      if (!code.includes('export const __vitePreload ='))
        this.error('Vite imports on demand in another way now: adapt `shortenLoader`.');
      return { code: `export { importWithStyles as __vitePreload } from ${JSON.stringify(OWN)};`, map: null };
    },
  };
}
