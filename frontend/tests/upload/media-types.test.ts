import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES, formatMediaTypes, sniff } from '../../src/upload/media-types';
import { be, bytes, jpeg, le, png } from './headers';

describe('sniff', () => {
  const samples = [
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
    ['HEIF', bytes(be(20, 4), 'ftypmif1', be(0, 4), 'mif1'), { type: 'image/heif', width: 0, height: 0 }],
    ['AVIF', bytes(be(24, 4), 'ftypavif', be(0, 4), 'mif1avif'), { type: 'image/avif', width: 0, height: 0 }],
  ] as const;

  it.each(samples)('knows %s', (_, head, expected) => {
    expect(sniff(head)).toEqual(expected);
  });

  it('is tested with every media type, by its name', () => {
    const names = samples.map(([name, , { type }]) => [type, name.split(',')[0]]);
    const titles = Object.entries(MEDIA_TYPES).map(([type, { title }]) => [type, title]);
    expect(Object.fromEntries(names)).toEqual(Object.fromEntries(titles));
  });

  it.each([
    ['text', bytes('Hello, world')],
    ['nothing', bytes()],
    ['a video', bytes(be(24, 4), 'ftypisom', be(0, 4), 'isomiso2')],
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

it('formats media types as a list for a sentence', () => {
  expect(formatMediaTypes(['image/jpeg', 'image/png', 'image/webp'])).toBe('JPEG, PNG or WebP');
  expect(formatMediaTypes(['image/jpeg'])).toBe('JPEG');
});
