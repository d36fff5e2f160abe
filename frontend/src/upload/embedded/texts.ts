/**
 * Texts of files as texts that can be shown, by the rules of the library (`stockroom/renditions/embedded/texts.py`): the page
 * shows what the library will read.
 */
import type { TextField } from './embedded';

/** Characters at which a field is cut. */
const MAX_CHARACTERS: Readonly<Record<TextField, number>> = {
  title: 200,
  caption: 2000,
  creator: 200,
  credit: 200,
  copyright: 500,
};
const MAX_KEYWORDS = 100;
const MAX_KEYWORD_CHARACTERS = 64;

const WINDOWS = new TextDecoder('windows-1252');

/** A text in UTF-8, or, where it cannot be read so and nobody has said what it is, in the Latin-1 of Windows. */
export function decodeText(bytes: Uint8Array<ArrayBuffer>, isUtf8 = false): string {
  try {
    return new TextDecoder('utf-8', { fatal: !isUtf8 }).decode(bytes);
  } catch {
    return WINDOWS.decode(bytes);
  }
}

/** The text for a field, cut to its length; empty for one that cannot be shown. */
export function cleanText(field: TextField, text: string): string {
  return clean(text, MAX_CHARACTERS[field], field === 'caption');
}

/** The keywords that are short enough, each once. */
export function cleanKeywords(words: readonly string[]): string[] {
  // One character more is read than may be kept: a keyword is left out, and not cut.
  const cleaned = words.map((word) => clean(word, MAX_KEYWORD_CHARACTERS + 1, false));
  const kept = cleaned.filter((word) => word !== '' && [...word].length <= MAX_KEYWORD_CHARACTERS);
  return [...new Set(kept)].slice(0, MAX_KEYWORDS);
}

function clean(text: string, limit: number, isMultiline: boolean): string {
  // Programs fill fields up with zeros and blanks, and no honest text is ten times as long as is kept.
  const trimmed = text.slice(0, 10 * limit).replace(/^[\0 \t\r\n]+|[\0 \t\r\n]+$/g, '');
  const lines = isMultiline
    ? trimmed.replace(/\r\n?/g, '\n')
    : trimmed
        .split(/\s+/u)
        .filter((word) => word !== '')
        .join(' ');
  if (!isShowable(isMultiline ? lines.replace(/[\n\t]/g, '') : lines)) return '';
  return [...lines].slice(0, limit).join('').trimEnd();
}

/** Whether a text has no control characters, halves of characters, or characters that were not understood. */
function isShowable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\ufffd]/u.test(text);
}
