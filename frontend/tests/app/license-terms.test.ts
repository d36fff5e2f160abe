import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { describeLicenseTerms } from '../../src/app/license-terms';

it('says of each licence by name what it asks for', () => {
  const source = resolve(import.meta.dirname, '../../../stockroom/runtime/licenses.py');
  const named = [...readFileSync(source, 'utf8').matchAll(/^ +"(\S+\d)",$/gm)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(8);
  for (const license of named) expect(describeLicenseTerms(license), license).toMatch(/^.+\.$/);
  expect(describeLicenseTerms('all-rights-reserved')).toBeNull();
  expect(describeLicenseTerms('of another library')).toBeNull();
});

it.each([
  ['CC-BY-4.0', [true, true, false, false, false]],
  ['CC-BY-SA-3.0', [true, true, false, false, true]],
  ['CC-BY-ND-4.0', [true, false, true, false, false]],
  ['CC-BY-NC-4.0', [true, true, false, true, false]],
  ['CC-BY-NC-SA-4.0', [true, true, false, true, true]],
  ['CC-BY-NC-ND-4.0', [true, false, true, true, false]],
  ['CC0-1.0', [false, false, false, false, false]],
])('%s: the name, what was changed, no change, no commerce, the same licence', (license, asked) => {
  const text = describeLicenseTerms(license) ?? '';
  const parts = [/name the creator/, /if you have changed/, /unchanged/, /no commercial/, /same licence/];
  expect(parts.map((part) => part.test(text))).toEqual(asked);
});
