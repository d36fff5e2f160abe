import { describe, expect, it } from 'vitest';
import { formatAccepted, sniff } from '../../../src/upload/selection/media-types';
import { FORMATS, be, bytes, jpeg, le, png } from './headers';

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

  it.each(samples)('knows %s', (_, head, { type, width, height }) => {
    expect(sniff(head, FORMATS)).toMatchObject({ format: { type }, width, height });
  });

  it.each([
    ['avis', 'heic', 'image/avif'],
    ['mif1', 'avif', 'image/avif'],
    ['hevc', 'avif', 'image/heic'],
    ['mif1', 'miaf', 'image/heif'],
  ])('goes by the first brand that a format has: %s, %s', (major, other, type) => {
    expect(sniff(bytes(be(20, 4), 'ftyp', major, be(0, 4), other), FORMATS)?.format.type).toBe(type);
  });

  it('takes a format that it cannot measure', () => {
    const format = { title: 'X', type: 'image/x', signatures: ['58..59'], brands: [], refusal: '' };
    expect(sniff(bytes('X-Y'), [format])).toEqual({ format, width: 0, height: 0 });
    expect(sniff(bytes('-X-Y'), [format])).toBeNull();
  });

  it.each([
    ['text', bytes('Hello, world')],
    ['nothing', bytes()],
    ['a video', bytes(be(24, 4), 'ftypisom', be(0, 4), 'isomiso2')],
  ])('takes %s for no picture', (_, head) => {
    expect(sniff(head, FORMATS)).toBeNull();
  });

  it('survives every truncation of a header', () => {
    for (const whole of [jpeg(640, 480), png(800, 600)]) {
      for (let length = 0; length <= whole.length; length++)
        expect(() => sniff(whole.slice(0, length), FORMATS)).not.toThrow();
    }
  });
});

it('lists the accepted formats for a sentence', () => {
  const types = ['image/jpeg', 'image/png', 'image/webp'];
  expect(formatAccepted({ types, formats: FORMATS })).toBe('JPEG, PNG or WebP');
  expect(formatAccepted({ types: ['image/new'], formats: FORMATS })).toBe('image/new');
});
