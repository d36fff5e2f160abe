/** Media type and size of a picture by its first bytes. A size that is not among these bytes is 0. */
export interface Sniffed {
  type: string;
  width: number;
  height: number;
}

/** Null when the bytes are of none of the formats that this module can tell. */
export function sniff(head: Uint8Array): Sniffed | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return sniffJpeg(view);
  if (readAscii(view, 0, 8) === '\x89PNG\r\n\x1a\n') {
    return view.byteLength < 24
      ? { type: 'image/png', width: 0, height: 0 }
      : { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (readAscii(view, 0, 4) === 'GIF8') {
    return view.byteLength < 10
      ? { type: 'image/gif', width: 0, height: 0 }
      : { type: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
  }
  if (readAscii(view, 0, 4) === 'RIFF' && readAscii(view, 8, 4) === 'WEBP') return sniffWebp(view);
  if (readAscii(view, 4, 4) === 'ftyp') return sniffIsobmff(view);
  return null;
}

/** Walks the segments to the frame header, whose marker is SOF0 to SOF15 without DHT, JPG and DAC. */
function sniffJpeg(view: DataView): Sniffed {
  let offset = 2;
  while (offset + 9 < view.byteLength && view.getUint8(offset) === 0xff) {
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1;
    } else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [height, width] = [view.getUint16(offset + 5), view.getUint16(offset + 7)];
      return { type: 'image/jpeg', width, height };
    } else {
      offset += 2 + view.getUint16(offset + 2);
    }
  }
  return { type: 'image/jpeg', width: 0, height: 0 };
}

/** The first chunk is VP8X (extended), VP8L (lossless) or VP8 (lossy); each has the size in another place. */
function sniffWebp(view: DataView): Sniffed {
  const type = 'image/webp';
  if (view.byteLength < 30) return { type, width: 0, height: 0 };
  const chunk = readAscii(view, 12, 4);
  if (chunk === 'VP8X') return { type, width: 1 + readUint24(view, 24), height: 1 + readUint24(view, 27) };
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { type, width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** HEIF and AVIF name their brands in the `ftyp` box. Their size is in a later box, which only the library reads. */
function sniffIsobmff(view: DataView): Sniffed | null {
  const end = Math.min(view.byteLength, view.getUint32(0));
  const brands: string[] = [];
  // The major brand is at 8; its version, which is no brand, comes before the compatible brands.
  for (let offset = 8; offset + 4 <= end; offset += offset === 8 ? 8 : 4) {
    brands.push(readAscii(view, offset, 4));
  }
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) {
    return { type: 'image/avif', width: 0, height: 0 };
  }
  if (brands.some((brand) => ['heic', 'heix', 'heim', 'heis', 'hevc'].includes(brand))) {
    return { type: 'image/heic', width: 0, height: 0 };
  }
  return brands.includes('mif1') ? { type: 'image/heif', width: 0, height: 0 } : null;
}

/** An empty text where the bytes end too early. */
function readAscii(view: DataView, offset: number, length: number): string {
  if (offset + length > view.byteLength) return '';
  let text = '';
  for (let i = offset; i < offset + length; i++) text += String.fromCharCode(view.getUint8(i));
  return text;
}

/** Little-endian. */
function readUint24(view: DataView, offset: number): number {
  return view.getUint16(offset, true) + view.getUint8(offset + 2) * 65536;
}
