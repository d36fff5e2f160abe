import { expect, it } from 'vitest';
import { LostFiles } from '../../../src/upload/selection/lost-files';

it('remembers how many files a page has lost, until there are none', () => {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
  const reload = (): LostFiles => new LostFiles(storage);
  expect(reload().count).toBe(0);
  reload().record(3);
  expect(reload().count).toBe(3);
  reload().record(0);
  expect(reload().count).toBe(0);
  expect(stored.size).toBe(0);
});
