import { expect, it } from 'vitest';

/** The folders of `src/`, each of which may import from itself and from those before it. */
const FOLDERS = ['api', 'app', 'pictures', 'search', 'upload', 'components', 'routes'];

const sources = import.meta.glob<string>('../src/*/*.{ts,svelte}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

it.each(Object.entries(sources))('%s imports only from the folders before its own', (path, source) => {
  const folder = path.split('/')[2] ?? '';
  expect(FOLDERS).toContain(folder);
  const imported = [...source.matchAll(/from '\.\.\/(\w+)\//g)].map((match) => match[1] ?? '');
  for (const other of imported) {
    expect(FOLDERS.indexOf(other), other).toBeLessThan(FOLDERS.indexOf(folder));
    expect(FOLDERS).toContain(other);
  }
});
