import { expect, it } from 'vitest';
import { LatestUpload } from '../../src/search/latest-upload';

it('goes with searches while an older answer may be stored, also after a reload', () => {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
  let now = 1000;
  const reload = (): LatestUpload => new LatestUpload(storage, () => now);
  expect(reload().query).toEqual({});
  reload().record('1M86B4T0AMRDZ');
  now += 119_000;
  expect(reload().query).toEqual({ since: '1M86B4T0AMRDZ' });
  now += 1000;
  expect(reload().query).toEqual({});
  expect(reload().forget()).toBe(false);
  reload().record('1M86B4T0AMRDZ');
  expect([reload().forget(), reload().forget()]).toEqual([true, false]);
});
