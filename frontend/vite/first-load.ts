/** The JavaScript of a visitor's first load: a build in which it has more bytes than its budget fails. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** What is asked of a file that was built, here and in `offline.ts`. */
export interface BuiltFile {
  type: 'chunk' | 'asset';
  fileName: string;
  code?: string;
  isEntry?: boolean;
  /** The files that are loaded with this one. Those that it loads on demand are not among them. */
  imports?: readonly string[];
}

/** The names of the scripts that the browser loads before it shows anything: the entry, and what it imports. */
export function listFirstLoad(bundle: Readonly<Record<string, BuiltFile>>): string[] {
  const entries = Object.values(bundle).filter(({ isEntry }) => isEntry);
  return withImports(
    bundle,
    entries.map(({ fileName }) => fileName),
  );
}

/** The names of these scripts and of all that they import. */
export function withImports(bundle: Readonly<Record<string, BuiltFile>>, names: readonly string[]): string[] {
  // The set grows while it is walked through.
  const found = new Set(names);
  for (const name of found) for (const imported of bundle[name]?.imports ?? []) found.add(imported);
  return [...found];
}

/**
 * Fails the build when the first load has more than `budget` bytes, gzipped. `others` are the paths of scripts that the page
 * loads first, too, and that Vite only copies.
 */
export function limitFirstLoad(budget: number, others: readonly string[]): Plugin {
  return {
    name: 'limit-first-load',
    apply: 'build',
    writeBundle(_options, bundle) {
      const built = bundle as unknown as Record<string, BuiltFile>;
      const texts = [
        ...listFirstLoad(built).map((name) => built[name]?.code ?? ''),
        ...others.map((path) => readFileSync(path, 'utf8')),
      ];
      const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
      const says = `JavaScript of a visitor's first load: ${bytes} of ${budget} bytes, gzipped`;
      if (bytes > budget) this.error(`${says}. Load on demand what most visitors do without (README.md).`);
      this.info(says);
    },
  };
}
