/** The first bytes of pictures, for tests that go by them. */
import type { FileFormat } from '../../../src/api/types';

function accept(title: string, type: string, signatures: string[], brands: string[] = []): FileFormat {
  return { title, type, signatures, brands, refusal: '' };
}

/** Some formats as the API's configuration has them. */
export const FORMATS: FileFormat[] = [
  accept('JPEG', 'image/jpeg', ['ffd8ff']),
  accept('PNG', 'image/png', ['89504e470d0a1a0a']),
  accept('WebP', 'image/webp', ['52494646........57454250']),
  accept('GIF', 'image/gif', ['474946383761', '474946383961']),
  accept('AVIF', 'image/avif', [], ['avif', 'avis']),
  {
    ...accept('HEIC', 'image/heic', [], ['heic', 'heix', 'hevc', 'hevx']),
    refusal: 'HEIC files are not accepted. Export the photo as JPEG.',
  },
  {
    ...accept('HEIF', 'image/heif', ['........667479706d696631', '........667479706d736631']),
    refusal: 'HEIF files are not accepted. Export the photo as JPEG.',
  },
];

/** Bytes, and texts as Latin-1, one after another. */
export function bytes(...parts: (number[] | string)[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : part)),
  );
}

/** A number as bytes, the most significant first. */
export const be = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => (value >>> (8 * (size - 1 - i))) & 255);
export const le = (value: number, size: number): number[] => be(value, size).reverse();

/** A JPEG whose frame header comes after an EXIF segment of the given length. */
export const jpeg = (width: number, height: number, exif = 300): Uint8Array<ArrayBuffer> =>
  bytes(
    [0xff, 0xd8, 0xff, 0xe1],
    be(exif, 2),
    Array(exif - 2).fill(1),
    [0xff, 0xc2],
    be(17, 2),
    [8],
    be(height, 2),
    be(width, 2),
    Array(12).fill(0),
  );
export const png = (width: number, height: number): Uint8Array<ArrayBuffer> =>
  bytes('\x89PNG\r\n\x1a\n', be(13, 4), 'IHDR', be(width, 4), be(height, 4), [8, 2, 0, 0, 0]);
