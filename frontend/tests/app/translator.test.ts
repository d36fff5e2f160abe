// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { Translator, type Table } from '../../src/app/translator';

function createTranslator(language: string, table: Table): Translator {
  const translator = new Translator(language);
  translator.add({ dir: 'ltr', ...table });
  return translator;
}

it('puts values where the language has them', () => {
  const translator = createTranslator('de', { '{} found{}.': '{0}{1} gefunden.' });
  expect(translator.fill(['', ' found', '.'], ['3 {1} Bilder', ' für „x“'])).toBe(
    '3 {1} Bilder für „x“ gefunden.',
  );
  expect(translator.fill(['Not ', ''], [1])).toBeUndefined();
});

it.each(['constructor', '__proto__', '#picture', 'sea'])('has no text for %s', (value) => {
  const translator = createTranslator('de', { '#picture': { one: 'Bild', other: 'Bilder' } });
  expect(translator.translate(value)).toBeUndefined();
});

it('changes texts and labels of templates, and nothing else', () => {
  const translator = createTranslator('de', { Save: 'Speichern', 'Upload ': 'Hochladen ' });
  expect(translator.translateHtml('Upload <b class="Save" title="Save">Save</b>')).toBe(
    'Hochladen <b class="Save" title="Speichern">Speichern</b>',
  );
});

it.each([
  ['de', { one: 'Bild', other: 'Bilder' }, [0, 1, 2], ['Bilder', 'Bild', 'Bilder']],
  [
    'pl',
    { one: 'obraz', few: 'obrazy', many: 'obrazów', other: 'obrazu' },
    [1, 3, 5, 22],
    ['obraz', 'obrazy', 'obrazów', 'obrazy'],
  ],
])('chooses the form of a number in %s', (language, forms, counts, expected) => {
  const translator = createTranslator(language, { '#picture': forms });
  expect(counts.map((count) => translator.findForm('picture', count))).toEqual(expected);
});

it('says which language the document has, and how it is read', () => {
  createTranslator('ar', { dir: 'rtl' });
  expect(document.documentElement.lang).toBe('ar');
  expect(document.documentElement.dir).toBe('rtl');
  createTranslator('de', {});
  expect(document.documentElement.dir).toBe('ltr');
});
