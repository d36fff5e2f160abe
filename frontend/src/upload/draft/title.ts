/** Titles that files, or their names, suggest. */

/** Words that programs add to the name of a file which they have copied or changed. */
const COPIES = ['copy', 'edit', 'edited', 'export', 'kopie'];

/** Words of cameras, phones and programs, which say nothing about a picture. */
const GENERIC = new Set([
  ...COPIES,
  ...'bild dcim dji dsc dscf dscn file final foto gopr image img mvi photo pic picture pxl'.split(' '),
  ...'scan screenshot unbenannt untitled'.split(' '),
]);

/** Digits of a number that a program has counted or a clock has given: `017`, `1234`, but neither `11` nor a year. */
const COUNTER = /^(?:0\d+|\d{3,})$/;
const YEAR = /^(?:19|20)\d\d$/;

/** A row of digits, or a mixture of letters and digits, that no person has made up. */
const MACHINE_MADE = /\d{8}|(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{8}/i;

/** A title from a file's name: “Waves at midnight” from `waves-at-midnight 017.jpg`; empty when the name says nothing. */
export function suggestTitle(fileName: string): string {
  const stem = fileName.replace(/\.[\p{L}\d]{1,5}$/u, '').normalize('NFC');
  if (MACHINE_MADE.test(stem)) return '';
  const words = stem
    .replace(/^copy of /i, '')
    .replace(/\(\d+\)/g, ' ')
    .split(/[\s_\-–.]+/u)
    .filter((word) => word !== '');
  while (words.length > 0 && isAddition(words.at(-1) ?? '')) words.pop();
  const isTelling = words.some((word) => /\p{L}{3}/u.test(word) && !isGeneric(word));
  if (!isTelling) return '';
  const text = words.join(' ');
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** Characters that the library takes in no name, as they could be a path, or make it look like another name. */
const UNNAMABLE = /[\p{C}\p{Zl}\p{Zp}/\\]|\p{M}{9}/u;

/** Whether the library takes a text as a name. */
export function isName(text: string): boolean {
  return text !== '' && !UNNAMABLE.test(text);
}

/** The title that stands in a file, as a name; empty where it says nothing, or where the library would refuse it as a name. */
export function suggestName(embeddedTitle: string): string {
  return suggestTitle(embeddedTitle) === '' || !isName(embeddedTitle) ? '' : embeddedTitle;
}

/** Whether the word counts files or copies, where it ends a name. */
function isAddition(word: string): boolean {
  return (COUNTER.test(word) && !YEAR.test(word)) || COPIES.includes(word.toLowerCase());
}

function isGeneric(word: string): boolean {
  return GENERIC.has(word.toLowerCase().replace(/\d+$/, ''));
}
