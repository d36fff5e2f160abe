import { expect, it } from 'vitest';

/** The folders of `src/` that contain modules, each of which may import from itself and from those before it. */
const FOLDERS = [
  'api',
  'app',
  'pictures',
  'selection',
  'search',
  ...nest('upload', [
    'draft',
    'embedded',
    'selection',
    'file',
    'stage',
    'hashing',
    'tickets',
    'sending',
    'outcome',
    'keeping',
    'queue',
    'loading',
  ]),
  ...nest('manage', [
    'fields',
    'reversal',
    'edit',
    'captions',
    'batch',
    'undo',
    'pending',
    'deletion',
    'list',
    'originals',
    'duplicates',
    'log',
    'takedown',
    'rights',
    'library',
  ]),
  ...nest('components', [
    'controls',
    'notices',
    'session',
    'picture',
    'search',
    'upload',
    'admin',
    'manage',
    'site',
  ]),
  'routes',
];

/** Only these stand above the folders, and import from all of them. */
const ROOT_MODULES = ['App.svelte', 'early.ts', 'main.ts'];

/** A relative path in an import, an `import()`, or the address of a worker. */
const IMPORT = /(?:from|import|import\(|new URL\()\s*'(\.[^']+)'/g;

const sources = import.meta.glob<string>('../src/**/*.{ts,svelte}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const modules = Object.entries(sources).map(([path, source]) => ({
  path: path.slice('../src/'.length),
  source,
}));
const tests = Object.keys(import.meta.glob('./**/*.test.ts'));

function nest(folder: string, parts: readonly string[]): string[] {
  return parts.map((part) => `${folder}/${part}`);
}

function getFolder(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

/** The path below `src/` that a module at `path` means by the relative address `imported`. */
function resolve(path: string, imported: string): string {
  return new URL(imported, `file:///${path}`).pathname.slice(1);
}

it('knows every folder, and has no module outside of them', () => {
  const found = new Set(modules.map(({ path }) => getFolder(path)));
  expect([...found].sort()).toEqual(['', ...FOLDERS].sort());
  const root = modules.map(({ path }) => path).filter((path) => getFolder(path) === '');
  expect(root.sort()).toEqual(ROOT_MODULES);
});

it.each(modules.filter(({ path }) => getFolder(path) !== ''))(
  '$path imports only from its folder and from those before it',
  ({ path, source }) => {
    for (const [, imported = ''] of source.matchAll(IMPORT)) {
      const other = getFolder(resolve(path, imported));
      expect(FOLDERS, imported).toContain(other);
      expect(FOLDERS.indexOf(other), imported).toBeLessThanOrEqual(FOLDERS.indexOf(getFolder(path)));
    }
  },
);

it('has no modules that import each other in a circle, for types either', () => {
  const imports = new Map(
    modules.map(({ path, source }) => [
      path.replace(/\.ts$/, ''),
      [...source.matchAll(IMPORT)].map(([, imported = '']) => resolve(path, imported).replace(/\.ts$/, '')),
    ]),
  );
  // What imports nothing that is left is in no circle, and is taken away.
  for (let size = Infinity; imports.size < size;) {
    size = imports.size;
    for (const [path, others] of imports) {
      if (!others.some((other) => imports.has(other))) imports.delete(path);
    }
  }
  expect([...imports.keys()]).toEqual([]);
});

/** These are about the folders, and about the build. */
const OTHER_TESTS = [
  './folders.test.ts',
  './first-load.test.ts',
  './languages.test.ts',
  './missing-page.test.ts',
  './offline.test.ts',
  './one-module.test.ts',
  './svelte-on-demand.test.ts',
  './texts.test.ts',
];

it.each(tests.filter((test) => !OTHER_TESTS.includes(test)))('%s stands where its module does', (test) => {
  const stem = test.slice('./'.length, -'.test.ts'.length);
  const paths = [`${stem}.ts`, `${stem}.svelte.ts`, `${stem}.svelte`];
  expect(modules.some(({ path }) => paths.includes(path))).toBe(true);
});
