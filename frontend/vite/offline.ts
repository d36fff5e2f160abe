/** The page's service worker: offline/worker.js, with the names of this release's files. A build above the budget fails. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { listFirstLoad, withImports, type BuiltFile as LoadedFile } from './first-load';
import { readCatalogues } from './languages';

const SOURCE = 'offline/worker.js';
const WORKER = 'sw.js';
const MANIFEST = 'public/manifest.webmanifest';
const INDEX = 'index.html';
/** What the page needs first, and what Vite only copies. */
const COPIED = ['theme.js'];
/**
 * Modules that are loaded on demand, but on every page. Chromium asks no second time for a script that it has failed to
 * load, not even once there is a network again: whoever types a word offline would have no suggestions until a reload.
 */
const WITH_EVERY_PAGE = [
  'routes/offline.ts',
  'routes/foot-notices.svelte.ts',
  'components/site/LanguageField.svelte',
  'components/upload/DropOverlay.svelte',
  'search/suggesting.ts',
];
/**
 * The pages of those who are signed in: uploading, what they have uploaded, and their account; and what stands on whichever page:
 * what they can undo, and what becomes of their photos when they sign out.
 */
const OF_CONTRIBUTORS = [
  'routes/UploadPage.svelte',
  'routes/UploadsPage.svelte',
  'routes/SignInPage.svelte',
  'components/manage/UndoNotice.svelte',
  'components/upload/SignOutOutcome.svelte',
];
/** The module that puts the texts of another language into a script. */
const TRANSLATOR = 'app/translator.ts';
/** A script's names of the files that it loads on demand. */
const NAME = /[\w.-]+-[\w-]{8}\.(?:js|css)/g;

interface BuiltFile extends LoadedFile {
  source?: string | Uint8Array;
  /** The module that the file begins with. */
  facadeModuleId?: string | null;
  viteMetadata?: { importedCss: ReadonlySet<string> } | undefined;
}

type Built = Readonly<Record<string, BuiltFile>>;

export interface Files {
  /** What the page loads first; the entry comes before all others. */
  shell: string[];
  /** What contributors need beside the shell. */
  contributors: string[];
  /** What the texts of both need in each other language, by the language. */
  texts: Record<string, string[]>;
}

/** The paths of the files that the worker stores, with the texts in these languages. */
export function listFiles(built: Built, languages: readonly string[] = []): Files {
  const first = listFirstLoad(built);
  const others = WITH_EVERY_PAGE.map((module) => findChunk(built, module));
  const shell = withStyles(built, withImports(built, [...first, ...others]));
  // The set grows while it is walked through. What the shell's own scripts name is not followed: that is every page.
  const contributors = new Set(OF_CONTRIBUTORS.map((module) => findChunk(built, module)));
  for (const name of contributors) {
    // The code of a worker, and of what it loads, is that of files which were built apart.
    const { code, source } = built[name] ?? {};
    const text = code ?? (name.endsWith('.js') ? String(source) : '');
    const named = [...text.matchAll(NAME)].map(([file]) => `assets/${file}`);
    for (const each of named) if (each in built && !shell.includes(each)) contributors.add(each);
  }
  const more = withStyles(built, [...contributors]).filter((name) => !shell.includes(name));
  const toPath = (name: string) => `/${name}`;
  const listTexts = (language: string) => [
    findChunk(built, TRANSLATOR),
    ...[...shell, ...more]
      .map((name) => name.replace(/js$/, `${language}.js`))
      .filter((name) => name.endsWith(`.${language}.js`) && name in built),
  ];
  return {
    shell: [...shell, ...COPIED].map(toPath),
    contributors: more.map(toPath),
    texts: Object.fromEntries(languages.map((language) => [language, listTexts(language).map(toPath)])),
  };
}

/** The worker's code. It differs from that of every other release, so that browsers install it. */
export function makeWorker(source: string, files: Files, page: string): string {
  const filled = source
    .replace('THE_SHELL', JSON.stringify(files.shell))
    .replace('THE_FILES_OF_CONTRIBUTORS', JSON.stringify(files.contributors))
    .replace('THE_TEXTS', JSON.stringify(files.texts));
  const release = createHash('sha256').update(filled).update(page).digest('hex').slice(0, 12);
  return filled.replace('THE_RELEASE', release);
}

/** Writes the worker. A build fails in which it, the manifest and its registration have more than `budget` bytes, gzipped. */
export function writeWorker(budget: number): Plugin {
  return {
    name: 'offline-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const built = bundle as unknown as Built;
        const copied = COPIED.map((name) => readFileSync(`public/${name}`, 'utf8'));
        const page = [String(built[INDEX]?.source), ...copied].join('\n');
        const files = listFiles(built, [...readCatalogues().keys()]);
        const worker = makeWorker(readFileSync(SOURCE, 'utf8'), files, page);
        this.emitFile({ type: 'asset', fileName: WORKER, source: worker });
        const registering = built[findChunk(built, 'routes/offline.ts')]?.code ?? '';
        const texts = [worker, readFileSync(MANIFEST, 'utf8'), registering];
        const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
        const says = `Service worker, manifest and registration: ${bytes} of ${budget} bytes, gzipped`;
        if (bytes > budget) this.error(says);
        this.info(says);
      },
    },
  };
}

/** The name of the file that begins with a module. */
function findChunk(built: Built, module: string): string {
  const found = Object.values(built).find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/src/${module}`));
  if (found === undefined) throw new Error(`${module} is loaded with something else now`);
  return found.fileName;
}

function withStyles(built: Built, names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => [name, ...(built[name]?.viteMetadata?.importedCss ?? [])]))];
}
