/**
 * One value a field, where the blocks of a file disagree, as the library has it (`stockroom/renditions/embedded/reconcile.py`):
 * EXIF first, then XMP, then IIM, or IIM before XMP where IIM has changed since both were written together.
 */
import type { Blocks, Properties } from './blocks';
import type { Embedded, TextField } from './embedded';
import { cleanKeywords, cleanText } from './texts';

/** Texts that cameras write into every picture: they describe none. */
const NO_CAPTION = /^(?:.* digital camera|sony dsc|dcim\\.*|default|untitled|exif_jpeg_picture)$/i;

const WEB_ADDRESS = /^https?:\/\/[!-~]+$/i;
const MAX_ADDRESS = 500;
const PUBLIC_LICENSE = /^https?:\/\/(?:www\.)?(?:creativecommons|opendatacommons)\.org\//i;

/** Bytes at which programs cut a text of IIM. */
const MAX_IIM_BYTES: Readonly<Record<TextField, number>> = {
  title: 64,
  caption: 2000,
  creator: 32,
  credit: 32,
  copyright: 128,
};

export function reconcile(blocks: Blocks): Embedded {
  return {
    title: choose('title', blocks),
    caption: choose('caption', blocks),
    keywords: chooseKeywords(blocks),
    creator: choose('creator', blocks),
    credit: choose('credit', blocks),
    copyright: choose('copyright', blocks),
    licenseUrl: chooseAddress(blocks.addresses),
  };
}

function choose(field: TextField, { exif, iim, hasIimChanged, xmp }: Blocks): string {
  const [first, old, xmpValue] = [exif, iim, xmp].map((properties) => getValue(field, properties)) as [
    string,
    string,
    string,
  ];
  const own = field === 'caption' && NO_CAPTION.test(first) ? '' : first;
  const isNewer = hasIimChanged && old !== '' && !isCut(field, old, xmpValue);
  return own || (isNewer ? old : xmpValue) || old;
}

/** Whether a text of IIM is the beginning of XMP's, cut where IIM cuts, between two characters. */
function isCut(field: TextField, old: string, xmpValue: string): boolean {
  const bytes = new TextEncoder().encode(old).length;
  return xmpValue.startsWith(old) && bytes > MAX_IIM_BYTES[field] - 4;
}

function getValue(field: TextField, properties: Properties): string {
  const values = (properties[field] ?? []).map((value) => cleanText(field, value)).filter(Boolean);
  // IIM and XMP may have several creators, which EXIF has in one text.
  return field === 'creator' ? cleanText(field, values.join('; ')) : (values[0] ?? '');
}

/** The keywords of one block: a program that knows both writes them into both. */
function chooseKeywords({ iim, hasIimChanged, xmp }: Blocks): string[] {
  const old = cleanKeywords(iim.keywords ?? []);
  const words = cleanKeywords(xmp.keywords ?? []);
  return old.length > 0 && (hasIimChanged || words.length === 0) ? old : words;
}

/** The first web address; one of a public licence comes before others, which may be those of a page about the picture. */
function chooseAddress(found: readonly string[]): string {
  const addresses = found
    .map((each) => each.trim())
    // A part of an address is no address.
    .filter((each) => each.length <= MAX_ADDRESS && WEB_ADDRESS.test(each));
  return addresses.find((each) => PUBLIC_LICENSE.test(each)) ?? addresses[0] ?? '';
}
