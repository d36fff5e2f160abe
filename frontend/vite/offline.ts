/** The page's service worker: offline/worker.js, with the names of this release's files. A build above the budget fails. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { listFirstLoad, withImports } from './first-load';

const SOURCE = 'offline/worker.js';
const WORKER = 'sw.js';
const MANIFEST = 'public/manifest.webmanifest';
const INDEX = 'index.html';
/** What Vite only copies, and the page needs first. */
const COPIED = ['theme.js', 'favicon.svg'];
/** The names of files that are loaded on demand, as scripts have them. */
const NAME = /[\w.-]+-[\w-]{8}\.(?:js|css)/g;

/** What this needs to know of a file that was built. */
interface BuiltFile {
  type: 'chunk' | 'asset';
  fileName: string;
  code?: string;
  source?: string | Uint8Array;
  isEntry?: boolean;
  facadeModuleId?: string | null;
  imports?: readonly string[];
  viteMetadata?: { importedCss: ReadonlySet<string> } | undefined;
}

type Built = Readonly<Record<string, BuiltFile>>;

export interface Files {
  /** What the page loads first; the entry comes before all others. */
  shell: string[];
  /** What uploads need beside it. */
  uploads: string[];
}

/** The paths of the files that the worker stores. */
export function listFiles(built: Built): Files {
  const first = listFirstLoad(built);
  const offline = findChunk(built, 'routes/offline.ts');
  const shell = withStyles(built, withImports(built, [...first, offline]));
  const upload = findChunk(built, 'routes/UploadPage.svelte');
  // The set grows while it is walked through. The first load names everything, and is there already.
  const uploads = new Set([upload]);
  for (const name of uploads) {
    const named = [...(built[name]?.code ?? '').matchAll(NAME)].map(([file]) => `assets/${file}`);
    for (const each of named) if (each in built && !shell.includes(each)) uploads.add(each);
  }
  return {
    shell: [...shell, ...COPIED].map((name) => `/${name}`),
    uploads: withStyles(built, [...uploads])
      .filter((name) => !shell.includes(name))
      .map((name) => `/${name}`),
  };
}

/** The worker's code. It differs from that of every other release, so that browsers install it. */
export function makeWorker(source: string, files: Files, page: string): string {
  const filled = source
    .replace('THE_SHELL', JSON.stringify(files.shell))
    .replace('THE_UPLOADS', JSON.stringify(files.uploads));
  const release = createHash('sha256').update(filled).update(page).digest('hex').slice(0, 12);
  return filled.replace('THE_RELEASE', release);
}

/** `budget`: gzipped bytes of the worker, the manifest, and what registers the one. */
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
        const worker = makeWorker(readFileSync(SOURCE, 'utf8'), listFiles(built), page);
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

/** The name of the chunk that a module is the beginning of. */
function findChunk(built: Built, module: string): string {
  const found = Object.values(built).find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/src/${module}`));
  if (found === undefined) throw new Error(`${module} is loaded with something else now`);
  return found.fileName;
}

function withStyles(built: Built, names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => [name, ...(built[name]?.viteMetadata?.importedCss ?? [])]))];
}
