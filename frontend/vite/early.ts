/** A script that runs before the page's own: `early.ts`, as an entry of its own, in front of the page's entry. */
import type { Plugin } from 'vite';

const PAGE_SCRIPT = '<script type="module"';

/** Puts the entry called `name` in front of the page's script. Vite itself makes one file of all scripts of a page. */
export function loadEarly(name: string): Plugin {
  return {
    name: 'load-early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const file = Object.values(bundle).find(
          (each) => each.type === 'chunk' && each.isEntry && each.name === name,
        );
        if (file?.type !== 'chunk' || !html.includes(PAGE_SCRIPT))
          this.error('The page has no early script.');
        // It would wait for them.
        if (file.imports.length > 0) this.error(`The early script imports ${file.imports.join(', ')}.`);
        // `async`: it waits neither for the rest of the page nor for the theme.
        const script = `${PAGE_SCRIPT} async crossorigin src="/${file.fileName}"></script>`;
        return html.replace(PAGE_SCRIPT, `${script}\n    ${PAGE_SCRIPT}`);
      },
    },
  };
}
