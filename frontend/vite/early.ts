/** A script that runs before the page's own: `early.ts`, as an entry of its own, in front of the page's entry. */
import type { Plugin } from 'vite';

/** What loads the page's texts, in most languages with a request. */
const TEXTS = '/src/app/texts.ts';
const PAGE_SCRIPT = '<script type="module"';

/**
 * Puts the entry called `name` in front of the page's script. Vite itself makes one file of all scripts of a page. The
 * page's own script has an id, by which the page of a picture makes it wait (stockroom/api/sharing/page_template.py).
 */
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
        if (file.moduleIds.some((id) => id.endsWith(TEXTS)))
          this.error('The early script would wait for texts, of which it shows none.');
        // `async`: it waits neither for the rest of the page nor for the theme.
        const script = `${PAGE_SCRIPT} async crossorigin src="/${file.fileName}"></script>`;
        return html.replace(PAGE_SCRIPT, `${script}\n    <script id="page-script" type="module"`);
      },
    },
  };
}
