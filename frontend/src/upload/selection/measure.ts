/** The size of a picture by its first bytes: one function for each kind of header. */

/** Width and height in pixels, both 0 when they are not among the bytes that were read. */
export interface Size {
  width: number;
  height: number;
}

/** The size of a picture of one format, by a header that is known to be of that format. */
type Measure = (head: DataView) => Size;

const UNKNOWN_SIZE: Readonly<Size> = { width: 0, height: 0 };

/** Walks the segments to the frame header, whose marker is SOF0 to SOF15 without DHT, JPG and DAC. */
const measureJpeg: Measure = (head) => {
  let offset = 2;
  while (offset + 9 < head.byteLength && head.getUint8(offset) === 0xff) {
    const marker = head.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1;
    } else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: head.getUint16(offset + 7), height: head.getUint16(offset + 5) };
    } else {
      offset += 2 + head.getUint16(offset + 2);
    }
  }
  return UNKNOWN_SIZE;
};

const measurePng: Measure = (head) => {
  if (head.byteLength < 24) return UNKNOWN_SIZE;
  return { width: head.getUint32(16), height: head.getUint32(20) };
};

const measureGif: Measure = (head) => {
  if (head.byteLength < 10) return UNKNOWN_SIZE;
  return { width: head.getUint16(6, true), height: head.getUint16(8, true) };
};

/** The first chunk is VP8X (extended), VP8L (lossless) or VP8 (lossy); each has the size in another place. */
const measureWebp: Measure = (head) => {
  if (head.byteLength < 30) return UNKNOWN_SIZE;
  const chunk = readAscii(head, 12, 4);
  if (chunk === 'VP8X') return { width: 1 + readUint24(head, 24), height: 1 + readUint24(head, 27) };
  if (chunk === 'VP8L') {
    const bits = head.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  return { width: head.getUint16(26, true) & 0x3fff, height: head.getUint16(28, true) & 0x3fff };
};

/** By media type. Without an entry, the library alone finds out the size of a picture of that type. */
export const MEASURES: Readonly<Partial<Record<string, Measure>>> = {
  'image/jpeg': measureJpeg,
  'image/png': measurePng,
  'image/gif': measureGif,
  'image/webp': measureWebp,
};

/** The brands in the `ftyp` box of an ISOBMFF file. */
export function listBrands(head: DataView): string[] {
  if (readAscii(head, 4, 4) !== 'ftyp') return [];
  const end = Math.min(head.byteLength, head.getUint32(0));
  const brands: string[] = [];
  // The major brand is at 8; its version, which is no brand, comes before the compatible brands.
  for (let offset = 8; offset + 4 <= end; offset += offset === 8 ? 8 : 4) {
    brands.push(readAscii(head, offset, 4));
  }
  return brands;
}

/** An empty text where the bytes end too early. */
export function readAscii(view: DataView, offset: number, length: number): string {
  if (offset + length > view.byteLength) return '';
  let text = '';
  for (let i = offset; i < offset + length; i++) text += String.fromCharCode(view.getUint8(i));
  return text;
}

/** Little-endian. */
function readUint24(view: DataView, offset: number): number {
  return view.getUint16(offset, true) + view.getUint8(offset + 2) * 65536;
}
