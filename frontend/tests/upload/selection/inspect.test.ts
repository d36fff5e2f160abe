import { describe, expect, it } from 'vitest';
import { inspectFile, type Limits } from '../../../src/upload/selection/inspect';
import { FORMATS, be, bytes, jpeg, png } from './headers';

const LIMITS: Limits = {
  types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
  formats: FORMATS,
  max_bytes: 5000,
  max_pixels: 1_000_000,
};

describe('inspectFile', () => {
  const check = (content: Uint8Array<ArrayBuffer>, name = 'a.jpg'): ReturnType<typeof inspectFile> =>
    inspectFile(new File([content], name), LIMITS);

  it('goes by content, not by the name', async () => {
    expect(await check(png(10, 10), 'photo.jpg')).toEqual({ type: 'image/png' });
  });

  it('goes by the browser only for an accepted type that it cannot recognise', async () => {
    const limits = { ...LIMITS, types: [...LIMITS.types, 'image/jxl'] };
    const inspect = (type: string): ReturnType<typeof inspectFile> =>
      inspectFile(new File([bytes('plain text')], 'a', { type }), limits);
    expect(await inspect('image/jxl')).toEqual({ type: 'image/jxl' });
    for (const type of ['image/png', 'image/bmp', '']) {
      expect(await inspect(type)).toMatchObject({ reason: { code: 'not-a-picture' } });
    }
  });

  it.each([
    ['empty', bytes(), 'file-empty'],
    ['too large', jpeg(10, 10, 6000), 'file-too-large'],
    ['called as a picture and is none', bytes('plain text'), 'no-picture-inside'],
    ['too many pixels', jpeg(2000, 1000), 'too-many-megapixels'],
  ] as const)('drops a file that is %s, with a reason and what to do', async (_, content, code) => {
    const found = await check(content);
    expect(found).toMatchObject({ reason: { code } });
    expect('reason' in found && found.reason.hint).toBeTruthy();
  });

  it.each(['heic', 'hevx', 'msf1'])('drops a file of the brand %s as the library would', async (brand) => {
    const found = await check(bytes(be(16, 4), 'ftyp', brand, be(0, 4)));
    expect(found).toMatchObject({ reason: { code: 'format-not-accepted', canRetry: false } });
    expect('reason' in found && found.reason.detail).toMatch(/not accepted\.$/);
    expect('reason' in found && found.reason.hint).toMatch(/^Export the photo as JPEG/);
  });

  it('tells a file that is called as a picture, and a video, from files of other kinds', async () => {
    const video = {
      title: 'MP4 and similar',
      type: 'video/mp4',
      signatures: ['........66747970'],
      brands: [],
      refusal: 'No.',
    };
    const limits = { ...LIMITS, formats: [...FORMATS, video] };
    const inspect = async (name: string, content: Uint8Array<ArrayBuffer>, type = '') => {
      const found = await inspectFile(new File([content], name, { type }), limits);
      return 'reason' in found ? found.reason.detail : found.type;
    };
    const text = bytes('plain text');
    for (const name of ['a.JPG', 'a.b.jpeg', 'a.png', 'a.webp'])
      expect(await inspect(name, text)).toBe('The file is damaged, or what is in it is no picture.');
    for (const name of ['a.txt', 'a', 'a.', 'a.avif'])
      expect(await inspect(name, text)).toBe('This is not a picture of a kind the library knows.');
    const film = bytes(be(16, 4), 'ftyp', 'isom', be(0, 4));
    for (const name of ['a.mp4', 'a.jpg']) expect(await inspect(name, film)).toBe('Videos are not taken.');
    expect(await inspect('a.webm', text, 'video/webm')).toBe('Videos are not taken.');
    // A camera raw that begins as a video does.
    expect(await inspect('a.CR3', film)).toBe('MP4 and similar files are not accepted.');
  });

  it('says of any other format that is not accepted which ones are', async () => {
    const pdf = {
      title: 'PDF',
      type: 'application/pdf',
      signatures: ['255044462d'],
      brands: [],
      refusal: 'No.',
    };
    const limits = { ...LIMITS, formats: [...FORMATS, pdf] };
    expect(await inspectFile(new File([bytes('%PDF-1.7')], 'a.jpg'), limits)).toMatchObject({
      reason: {
        detail: 'PDF files are not accepted.',
        hint: 'Export it as JPEG, PNG, WebP or GIF and upload that.',
      },
    });
  });
});
