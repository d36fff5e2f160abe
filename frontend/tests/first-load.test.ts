import type { Plugin } from 'vite';
import { describe, expect, it, vi } from 'vitest';
import { loadEarly } from '../vite/early';
import { limitFirstLoad, listFirstLoad } from '../vite/first-load';

const chunk = (fileName: string, more: object) => ({ type: 'chunk' as const, fileName, ...more });

const BUNDLE = {
  'index.js': chunk('index.js', { isEntry: true, imports: ['shared.js'], code: 'x'.repeat(100) }),
  'shared.js': chunk('shared.js', { imports: ['deep.js', 'index.js'], code: 'y'.repeat(100) }),
  'deep.js': chunk('deep.js', { code: 'z'.repeat(100) }),
  'on-demand.js': chunk('on-demand.js', { imports: ['shared.js'], code: crypto.randomUUID().repeat(1000) }),
  'index.css': { type: 'asset' as const, fileName: 'index.css' },
};

function build(budget: number): { error: string | undefined; info: string | undefined } {
  const error = vi.fn();
  const info = vi.fn();
  const { writeBundle } = limitFirstLoad(budget, ['public/theme.js']) as Plugin & {
    writeBundle: (this: object, options: object, bundle: object) => void;
  };
  writeBundle.call({ error, info }, {}, BUNDLE);
  return { error: error.mock.calls[0]?.[0] as string, info: info.mock.calls[0]?.[0] as string };
}

it('is the entry and what it imports, and nothing that is loaded on demand', () => {
  expect(listFirstLoad(BUNDLE)).toEqual(['index.js', 'shared.js', 'deep.js']);
});

it('fails a build above its budget', () => {
  expect(build(45_000).error).toBeUndefined();
  const bytes = Number(/(\d+) of/.exec(build(45_000).info ?? '')?.[1]);
  expect(build(bytes).error).toBeUndefined();
  expect(build(bytes - 1).error).toContain(`${bytes} of ${bytes - 1} bytes`);
});

describe('the early script', () => {
  const PAGE = '<script type="module" crossorigin src="/index.js"></script>';

  function write(html: string, imports: string[] = [], moduleIds: string[] = []): string {
    const file = { ...chunk('assets/early.js', { isEntry: true, imports }), name: 'early', moduleIds };
    const { transformIndexHtml } = loadEarly('early') as unknown as {
      transformIndexHtml: { handler: (this: object, html: string, context: object) => string };
    };
    const error = (text: string): never => {
      throw new Error(text);
    };
    return transformIndexHtml.handler.call({ error }, html, { bundle: { ...BUNDLE, 'early.js': file } });
  }

  it('stands before the page’s own, and waits for no other', () => {
    const early = '<script type="module" async crossorigin src="/assets/early.js"></script>';
    const page = PAGE.replace('<script', '<script id="page-script"');
    expect(write(PAGE).replace(/\n\s*/, '')).toBe(early + page);
    expect(() => write(PAGE, ['shared.js'])).toThrow('imports shared.js');
    expect(() => write(PAGE, [], ['/page/src/app/texts.ts'])).toThrow('would wait for texts');
    expect(() => write('')).toThrow('no early script');
  });
});
