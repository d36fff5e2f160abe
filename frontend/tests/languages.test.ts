import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCatalogues, readEnglish, type Translation } from '../vite/languages';

const english = Object.keys(readEnglish());

function listPlaceholders(text: string): string {
  return [...new Set(text.match(/\{\d\}/g) ?? [])].sort().join();
}

function listForms(translation: Translation): string[] {
  return typeof translation === 'string' ? [translation] : Object.values(translation);
}

describe.each([...readCatalogues()])('The catalogue %s', (language, catalogue) => {
  const entries = Object.entries(catalogue);

  it('has every text, and no other', () => {
    expect(english.filter((text) => catalogue[text] === undefined)).toEqual([]);
    expect(Object.keys(catalogue).filter((text) => !english.includes(text))).toEqual([]);
  });

  it('has the values of the texts', () => {
    const wrong = entries.filter(([text, translation]) =>
      listForms(translation).some((form) => form === '' || listPlaceholders(form) !== listPlaceholders(text)),
    );
    expect(wrong).toEqual([]);
  });

  it('has a form for each kind of number', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    const wrong = entries.filter(([text, translation]) => {
      const forms = typeof translation === 'string' ? null : Object.keys(translation);
      if (!text.includes(' | ')) return forms !== null;
      return forms?.sort().join() !== [...pluralCategories].sort().join();
    });
    expect(wrong).toEqual([]);
  });
});

it('names a language by two letters, as the page looks for no more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'catalogues-'));
  try {
    writeFileSync(join(folder, 'pt.json'), '{}');
    expect([...readCatalogues(folder).keys()]).toEqual(['pt']);
    writeFileSync(join(folder, 'pt-BR.json'), '{}');
    expect(() => readCatalogues(folder)).toThrow('pt-BR');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
