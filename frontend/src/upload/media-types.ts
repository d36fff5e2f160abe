/** The media types that the page recognises and names, each declared once in MEDIA_TYPES. */
import {
  measureGif,
  measureIsobmff,
  measureJpeg,
  measurePng,
  measureWebp,
  type Measure,
  type Size,
} from './measure';

interface MediaType {
  /** The name of the format, for people. */
  title: string;
  /** Recognises the format by the first bytes of a file. */
  measure: Measure;
}

/** The first entry that recognises a file counts: any HEIC or AVIF file may have the brand of HEIF as well. */
export const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  'image/jpeg': { title: 'JPEG', measure: measureJpeg },
  'image/png': { title: 'PNG', measure: measurePng },
  'image/webp': { title: 'WebP', measure: measureWebp },
  'image/gif': { title: 'GIF', measure: measureGif },
  'image/avif': { title: 'AVIF', measure: measureIsobmff('avif', 'avis') },
  'image/heic': { title: 'HEIC', measure: measureIsobmff('heic', 'heix', 'heim', 'heis', 'hevc') },
  'image/heif': { title: 'HEIF', measure: measureIsobmff('mif1') },
};

export interface Sniffed extends Size {
  type: string;
}

/** Media type and size of a picture by its first bytes, or null when they are of no type in MEDIA_TYPES. */
export function sniff(head: Uint8Array): Sniffed | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (const [type, { measure }] of Object.entries(MEDIA_TYPES)) {
    const size = measure(view);
    if (size !== null) return { type, ...size };
  }
  return null;
}

/** Media types as a list for a sentence: “JPEG, PNG or WebP”. */
export function formatMediaTypes(types: readonly string[]): string {
  const names = types.map((type) => MEDIA_TYPES[type]?.title ?? type.replace(/^image\//, '').toUpperCase());
  const unique = [...new Set(names)];
  const last = unique.pop() ?? '';
  return unique.length === 0 ? last : `${unique.join(', ')} or ${last}`;
}
