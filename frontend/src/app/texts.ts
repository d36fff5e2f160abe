/**
 * The page's language. Modules have their texts in English; the build (`vite/languages.ts`) makes them ask here for each.
 * What another language says instead is loaded beside each script, before the script runs.
 */
import type { Translator } from './translator';

declare const __LANGUAGES__: readonly string[];

/** Where the browser keeps which language was chosen here. */
export const LANGUAGE_KEY = 'stockroom.language';

/** The page's languages, by ISO 639-1: two letters. */
export const LANGUAGES: readonly string[] = ['en', ...__LANGUAGES__];

/** The language that was chosen here, else the first of the browser's that the page has. */
export const language =
  [globalThis.localStorage?.getItem(LANGUAGE_KEY) ?? '', ...navigator.languages]
    .map(getLanguage)
    .find((tag) => LANGUAGES.includes(tag)) ?? 'en';

/** How numbers and dates are written: as in the reader's country, where the browser names it. */
export const locale = navigator.languages.find((tag) => getLanguage(tag) === language) ?? language;

/** Null where the page is in English. */
let translator: Translator | null = null;

function getLanguage(tag: string): string {
  return tag.slice(0, 2);
}

/** A text in the page's language: t`${count} of ${total}`. */
export function t(strings: TemplateStringsArray, ...values: unknown[]): string {
  return translator?.fill(strings, values) ?? String.raw({ raw: strings }, ...values);
}

/**
 * What the page says in another language in the place of a value of the API: a colour, a code. Which values there are is in
 * `WORD_LISTS` of `vite/texts.ts`.
 */
export function findText(value: string): string | undefined {
  return translator?.translate(value);
}

/** The HTML of a template with its texts in the page's language. */
export function html(template: string): string {
  return translator?.translateHtml(template) ?? template;
}

/** The form of a text with this number: of “picture” with 3, what the language has for “pictures”. */
export function findForm(singular: string, count: number): string | undefined {
  return translator?.findForm(singular, count);
}

/** Loads the texts of a script. Without them, the texts stay English. */
async function loadTexts(script: string): Promise<void> {
  if (language === 'en') return;
  try {
    const [table, { Translator }] = await Promise.all([
      import(/* @vite-ignore */ script.replace(/js(?=\?|$)/, `${language}.js`)),
      import('./translator'),
    ]);
    translator ??= new Translator(language);
    translator.add(table.default);
  } catch {
    // English is better than no page.
  }
}

Object.assign(globalThis, { loadTexts });
// The build makes the script wait for this (`vite/languages.ts`).
void loadTexts(import.meta.url);
