/** The page as it is delivered with the status 404, which the CDN gives to this file (operations/publish.py). */
import type { Plugin } from 'vite';

const INDEX = 'index.html';
const MISSING = 'missing.html';
/** The file differs from the page, so that no browser takes one for the other by its entity tag. */
const HEAD = '<title>Not found · Stockroom</title>\n    <meta name="robots" content="noindex" />';

/** The page, titled as the one for addresses that lead nowhere. Its script finds out by itself that this is one. */
export function makeMissingPage(page: string): string {
  const missing = page.replace(/<title>[^<]*<\/title>/, HEAD);
  if (missing === page) throw new Error(`${INDEX} has no title`);
  return missing;
}

export function writeMissingPage(): Plugin {
  return {
    name: 'missing-page',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      // After Vite has written the page.
      order: 'post',
      handler(_options, bundle) {
        const page = bundle[INDEX];
        if (page?.type !== 'asset') this.error(`The build has no ${INDEX}`);
        else
          this.emitFile({ type: 'asset', fileName: MISSING, source: makeMissingPage(String(page.source)) });
      },
    },
  };
}
