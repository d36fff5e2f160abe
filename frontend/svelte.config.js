import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    runes: true,
    // Short names: each element that has a style of its own carries one.
    cssHash: ({ filename, css, hash }) => `s${hash(filename ?? css)}`,
  },
};
