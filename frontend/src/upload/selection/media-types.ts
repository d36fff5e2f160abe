/** What kind of picture a file is, by its first bytes: the library says how the files of each format begin. */
import type { FileFormat } from '../../api/types';
import { MEASURES, listBrands, readAscii, type Size } from './measure';

export interface Sniffed extends Size {
  format: FileFormat;
}

/** Bytes that signatures speak of, with some to spare. */
const SIGNATURE_SIZE = 64;

/**
 * Format and size of a picture by its first bytes, or null when they are of no known format. The first brand that a
 * format has decides; without one, the first signature that fits.
 */
export function sniff(head: Uint8Array, formats: readonly FileFormat[]): Sniffed | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const format = findByBrand(view, formats) ?? findBySignature(view, formats);
  if (format === undefined) return null;
  const measure = MEASURES[format.type];
  return { format, ...(measure === undefined ? { width: 0, height: 0 } : measure(view)) };
}

function findByBrand(head: DataView, formats: readonly FileFormat[]): FileFormat | undefined {
  for (const brand of listBrands(head)) {
    const format = formats.find(({ brands }) => brands.includes(brand));
    if (format !== undefined) return format;
  }
  return undefined;
}

function findBySignature(head: DataView, formats: readonly FileFormat[]): FileFormat | undefined {
  const start = readAscii(head, 0, Math.min(head.byteLength, SIGNATURE_SIZE));
  const digits = [...start].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return formats.find(({ signatures }) => signatures.some((each) => new RegExp(`^${each}`).test(digits)));
}

/** The accepted formats as a list for a sentence: “JPEG, PNG or WebP”. */
export function formatAccepted(config: { types: readonly string[]; formats: readonly FileFormat[] }): string {
  const titles = config.types.map(
    (type) => config.formats.find((format) => format.type === type)?.title ?? type,
  );
  const last = titles.pop() ?? '';
  return titles.length === 0 ? last : `${titles.join(', ')} or ${last}`;
}
