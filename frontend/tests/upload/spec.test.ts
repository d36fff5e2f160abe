import { describe, expect, it } from 'vitest';
import { inspect, typeNames, type Limits } from '../../src/upload/spec';
import { sniff } from '../../src/upload/sniff';

const LIMITS: Limits = {
  types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
  max_bytes: 5000,
  max_pixels: 1_000_000,
};

function bytes(...parts: (number[] | string)[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : part)),
  );
}

const be = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => (value >>> (8 * (size - 1 - i))) & 255);
const le = (value: number, size: number): number[] => be(value, size).reverse();

/** A JPEG whose frame header comes after an EXIF segment of the given length. */
const jpeg = (width: number, height: number, exif = 300): Uint8Array<ArrayBuffer> =>
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
const png = (width: number, height: number): Uint8Array<ArrayBuffer> =>
  bytes('\x89PNG\r\n\x1a\n', be(13, 4), 'IHDR', be(width, 4), be(height, 4), [8, 2, 0, 0, 0]);

describe('sniff', () => {
  it.each([
    ['JPEG', jpeg(640, 480), { type: 'image/jpeg', width: 640, height: 480 }],
    ['PNG', png(800, 600), { type: 'image/png', width: 800, height: 600 }],
    [
      'GIF',
      bytes('GIF89a', le(320, 2), le(200, 2), [0, 0, 0]),
      { type: 'image/gif', width: 320, height: 200 },
    ],
    [
      'WebP, lossy',
      bytes(
        'RIFF',
        le(50, 4),
        'WEBPVP8 ',
        le(40, 4),
        [0, 0, 0, 0x9d, 1, 0x2a],
        le(321, 2),
        le(123, 2),
        [0, 0],
      ),
      { type: 'image/webp', width: 321, height: 123 },
    ],
    [
      'WebP, extended',
      bytes('RIFF', le(50, 4), 'WEBPVP8X', le(10, 4), [0, 0, 0, 0], le(4999, 3), le(2999, 3), [0]),
      { type: 'image/webp', width: 5000, height: 3000 },
    ],
    [
      'WebP, lossless',
      bytes('RIFF', le(50, 4), 'WEBPVP8L', le(10, 4), [0x2f], le(99 | (49 << 14), 4), Array(8).fill(0)),
      { type: 'image/webp', width: 100, height: 50 },
    ],
    ['HEIC', bytes(be(24, 4), 'ftypheic', be(0, 4), 'mif1heic'), { type: 'image/heic', width: 0, height: 0 }],
    ['AVIF', bytes(be(24, 4), 'ftypavif', be(0, 4), 'mif1avif'), { type: 'image/avif', width: 0, height: 0 }],
  ] as const)('knows %s', (_, head, expected) => {
    expect(sniff(head)).toEqual(expected);
  });

  it.each([
    ['text', bytes('Hello, world')],
    ['nothing', bytes()],
    ['a film', bytes(be(24, 4), 'ftypisom', be(0, 4), 'isomiso2')],
  ])('takes %s for no picture', (_, head) => {
    expect(sniff(head)).toBeNull();
  });

  it('survives every truncation of a header', () => {
    for (const whole of [jpeg(640, 480), png(800, 600)]) {
      for (let length = 0; length <= whole.length; length++)
        expect(() => sniff(whole.slice(0, length))).not.toThrow();
    }
  });
});

describe('inspect', () => {
  const check = (content: Uint8Array<ArrayBuffer>, name = 'a.jpg'): ReturnType<typeof inspect> =>
    inspect(new File([content], name), LIMITS);

  it('goes by content, not by the name', async () => {
    expect(await check(png(10, 10), 'photo.jpg')).toEqual({ type: 'image/png' });
  });

  it.each([
    ['empty', bytes(), 'empty'],
    ['too large', jpeg(10, 10, 6000), 'too-large'],
    ['no picture', bytes('plain text'), 'type'],
    ['of a kind not taken', bytes(be(24, 4), 'ftypheic', be(0, 4), 'mif1heic'), 'type'],
    ['too many pixels', jpeg(2000, 1000), 'too-many-pixels'],
  ] as const)('drops a file that is %s, with a reason and what to do', async (_, content, code) => {
    const found = await check(content);
    expect(found).toMatchObject({ reason: { code } });
    expect('reason' in found && found.reason.hint).toBeTruthy();
  });
});

describe('typeNames', () => {
  it('makes a list for a sentence', () => {
    expect(typeNames(['image/jpeg', 'image/png', 'image/webp'])).toBe('JPEG, PNG or WebP');
    expect(typeNames(['image/jpeg'])).toBe('JPEG');
  });
});
