import { expect, it } from 'vitest';
import { listShared } from '../vite/one-module';

const script = (fileName: string, moduleIds: string[]) => ({ type: 'chunk' as const, fileName, moduleIds });
const isOnDemand = (id: string): boolean => id.startsWith('/demand/');

it('finds the scripts that hold several modules on demand', () => {
  const bundle = {
    'one.js': script('one.js', ['/demand/a.ts', '/part.ts']),
    'two.js': script('two.js', ['/demand/b.ts', '/part.ts', '/demand/c.ts']),
    'style.css': { type: 'asset' as const, fileName: 'style.css' },
  };
  expect(listShared(bundle, isOnDemand)).toEqual(['two.js: /demand/b.ts, /demand/c.ts']);
});
