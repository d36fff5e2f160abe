/** Media type and size of a picture from its first bytes. Sizes are 0 when they are not to be found there. */
export interface Sniffed {
  type: string;
  width: number;
  height: number;
}

export function sniff(head: Uint8Array): Sniffed | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return jpeg(view);
  if (ascii(view, 0, 8) === '\x89PNG\r\n\x1a\n') {
    return view.byteLength < 24
      ? sized('image/png', 0, 0)
      : sized('image/png', view.getUint32(16), view.getUint32(20));
  }
  if (ascii(view, 0, 4) === 'GIF8') {
    return view.byteLength < 10
      ? sized('image/gif', 0, 0)
      : sized('image/gif', view.getUint16(6, true), view.getUint16(8, true));
  }
  if (ascii(view, 0, 4) === 'RIFF' && ascii(view, 8, 4) === 'WEBP') return webp(view);
  if (ascii(view, 4, 4) === 'ftyp') return isobmff(view);
  return null;
}

function sized(type: string, width: number, height: number): Sniffed {
  return { type, width, height };
}

function ascii(view: DataView, offset: number, length: number): string {
  if (offset + length > view.byteLength) return '';
  let text = '';
  for (let i = offset; i < offset + length; i++) text += String.fromCharCode(view.getUint8(i));
  return text;
}

/** Walks the segments to the frame header (SOF0…SOF15 but DHT, JPG and DAC). */
function jpeg(view: DataView): Sniffed {
  let at = 2;
  while (at + 9 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
    } else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return sized('image/jpeg', view.getUint16(at + 7), view.getUint16(at + 5));
    } else {
      at += 2 + view.getUint16(at + 2);
    }
  }
  return sized('image/jpeg', 0, 0);
}

function webp(view: DataView): Sniffed {
  const type = 'image/webp';
  if (view.byteLength < 30) return sized(type, 0, 0);
  const chunk = ascii(view, 12, 4);
  if (chunk === 'VP8X') {
    const three = (at: number): number => 1 + view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
    return sized(type, three(24), three(27));
  }
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return sized(type, 1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
  }
  return sized(type, view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
}

/** HEIF and AVIF name their kind in the brands of the first box; their size lies deeper and is left to the API. */
function isobmff(view: DataView): Sniffed | null {
  const end = Math.min(view.byteLength, view.getUint32(0));
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) brands.push(ascii(view, at, 4));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return sized('image/avif', 0, 0);
  if (brands.some((brand) => ['heic', 'heix', 'heim', 'heis', 'hevc'].includes(brand))) {
    return sized('image/heic', 0, 0);
  }
  return brands.includes('mif1') ? sized('image/heif', 0, 0) : null;
}
