/** Other languages than English: a table of texts beside each script, which only readers of that language load. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { changeTexts, findTexts, toRuntimeText, type FoundText } from './texts';

/** A text in another language. A text with a number has a form for each of the language's plural categories. */
export type Translation = string | Readonly<Record<string, string>>;
/** The translations into one language, by the English text. */
export type Catalogue = Readonly<Record<string, Translation>>;

const SOURCE = resolve(import.meta.dirname, '../src');
const FOLDER = resolve(import.meta.dirname, '../locales');
const ENGLISH = `${FOLDER}/en.json`;
/** The module that loads the texts of every script, in the first script. */
const RUNTIME = `${SOURCE}/app/texts.ts`;
/** The statement of that module, as it is built, by which the first script loads its own texts. */
const STARTED = /^(?:void )?([\w$]+\(import\.meta\.url\));$/m;
/** A language's name, by ISO 639-1. Of the languages that a browser prefers, `app/texts.ts` compares two letters. */
const LANGUAGE = /^[a-z]{2}$/;

/** A part of ECMAScript that TypeScript does not know yet. */
interface Locale extends Intl.Locale {
  getTextInfo(): { direction: 'ltr' | 'rtl' };
}

/** The catalogues, by their languages. English is none of them: it is in the page's source. */
export function readCatalogues(folder = FOLDER): Map<string, Catalogue> {
  const names = readdirSync(folder).map((file) => basename(file, '.json'));
  const wrong = names.filter((name) => !LANGUAGE.test(name));
  if (wrong.length > 0)
    throw new Error(`Nobody would be shown ${wrong.join(', ')}: name a language by two letters.`);
  return new Map(
    names
      .filter((name) => name !== 'en')
      .map((name) => [name, JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as Catalogue]),
  );
}

/** The texts of the page, with the modules that each is in. */
export function readEnglish(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(ENGLISH, 'utf8')) as Record<string, string>;
}

/** What a script loads in another language: its texts, by what stands in the script, and `dir`, how they are read. */
export function buildTable(
  language: string,
  texts: readonly FoundText[],
  catalogue: Catalogue,
): Record<string, Translation> {
  const locale = new Intl.Locale(language) as Locale;
  const table: Record<string, Translation> = { dir: locale.getTextInfo().direction };
  for (const found of texts) {
    const translation = catalogue[found.text];
    if (translation === undefined) continue;
    table[found.raw] = typeof translation === 'string' ? toRuntimeText(found, translation) : translation;
  }
  return table;
}

/** The content of the English catalogue: each text, with the modules that it is in. */
function buildEnglish(texts: ReadonlyMap<string, readonly FoundText[]>): string {
  const places = new Map<string, string[]>();
  for (const [id, found] of [...texts].sort(([one], [other]) => (one < other ? -1 : 1))) {
    for (const text of new Set(found.map(({ text }) => text))) {
      places.set(text, [...(places.get(text) ?? []), relative(SOURCE, id)]);
    }
  }
  const sorted = [...places].sort(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted.map(([text, files]) => [text, files.join(' ')])), null, 2)}\n`;
}

/** Makes each script load its texts before it runs, and writes a table of them for each other language beside the script. */
export function languages(): Plugin {
  let mode = '';
  const catalogues = readCatalogues();
  const textsOf = new Map<string, readonly FoundText[]>();
  /** Modules that ask for no text themselves: they only have words that others look up, and may run before there are texts. */
  const wordLists = new Set<string>();

  /** The texts that are loaded with a script: those of its modules, and with the first one the words, which all look up. */
  function listTexts({ moduleIds }: { moduleIds: readonly string[] }): FoundText[] {
    const own = moduleIds.filter((id) => !wordLists.has(id));
    const ids = moduleIds.includes(RUNTIME) ? [...own, ...wordLists] : own;
    return ids.flatMap((id) => textsOf.get(id) ?? []);
  }

  return {
    name: 'languages',
    config: () => ({ define: { __LANGUAGES__: JSON.stringify([...catalogues.keys()]) } }),
    configResolved: (config) => void (mode = config.mode),
    transform: {
      order: 'post',
      handler(code, id) {
        if (
          this.environment.mode !== 'build' ||
          !/\/src\/.*\.(svelte|ts)$/.test(id) ||
          id.includes('node_modules')
        )
          return null;
        const found = findTexts(code);
        textsOf.set(id, found.texts);
        if (found.texts.length > 0 && found.edits.length === 0) wordLists.add(id);
        const changed = id === RUNTIME ? null : changeTexts(code, found, RUNTIME);
        return changed === null ? null : { code: changed, map: null };
      },
    },
    // Scripts may be stored for ever, so a script has another name when its texts change in any language.
    augmentChunkHash(chunk) {
      const tables = [...catalogues].map(([tag, catalogue]) => buildTable(tag, listTexts(chunk), catalogue));
      return createHash('sha256').update(JSON.stringify(tables)).digest('hex');
    },
    renderChunk(code, chunk) {
      // A script waits for its texts, because its constants are made of them. It is told to only now that it is bundled: of
      // modules that wait, the bundler would make more and smaller files.
      if (chunk.moduleIds.includes(RUNTIME)) {
        if (!STARTED.test(code)) this.error('The first script does not load its texts: adapt `languages`.');
        return { code: code.replace(STARTED, 'await $1;'), map: null };
      }
      if (listTexts(chunk).length === 0) return null;
      return { code: `await loadTexts(import.meta.url);${code}`, map: null };
    },
    buildEnd(error) {
      if (error !== undefined) return;
      const english = buildEnglish(textsOf);
      if (mode === 'texts') writeFileSync(ENGLISH, english);
      else if (english !== readFileSync(ENGLISH, 'utf8')) {
        this.error(
          'The English catalogue does not have the texts of the page: `npm run texts`, then translate them.',
        );
      }
    },
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk' || listTexts(chunk).length === 0) continue;
        for (const [language, catalogue] of catalogues) {
          this.emitFile({
            type: 'asset',
            fileName: chunk.fileName.replace(/js$/, `${language}.js`),
            source: `export default ${JSON.stringify(buildTable(language, listTexts(chunk), catalogue))}`,
          });
        }
      }
    },
  };
}
