/** Does a file meet the specification? Answered from its first bytes, before anything is sent. */
import type { Config } from '../api/types';
import { formatBytes } from '../app/format';
import type { Reason } from './item';
import { sniff } from './sniff';

export type Limits = Pick<Config, 'types' | 'max_bytes' | 'max_pixels'>;

/** Bytes read from the front: enough to get past a large embedded profile and preview. */
const HEAD = 512 * 1024;

export async function inspect(file: File, limits: Limits): Promise<{ type: string } | { reason: Reason }> {
  if (file.size === 0) return refuse('empty', 'The file is empty.', 'Choose the original again.');
  if (file.size > limits.max_bytes) {
    return refuse(
      'too-large',
      `The file has ${formatBytes(file.size)}; the limit is ${formatBytes(limits.max_bytes)}.`,
      'Export it smaller or with more compression.',
    );
  }
  const found = sniff(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
  if (found?.type === 'image/heic' && !limits.types.includes(found.type)) {
    return refuse(
      'type',
      'HEIC photos cannot be opened by the library.',
      'Export it as JPEG; on an iPhone, Settings > Camera > Formats > Most Compatible.',
    );
  }
  if (found === null || !limits.types.includes(found.type)) {
    return refuse(
      'type',
      `This is not a picture of a kind the library takes.`,
      `Use ${typeNames(limits.types)}.`,
    );
  }
  const pixels = found.width * found.height;
  if (pixels > limits.max_pixels) {
    const megapixels = (n: number): string => `${Math.round(n / 1e6)} megapixels`;
    return refuse(
      'too-many-pixels',
      `The picture has ${megapixels(pixels)}; the limit is ${megapixels(limits.max_pixels)}.`,
      'Export it at a smaller size.',
    );
  }
  return { type: found.type };
}

function refuse(code: string, detail: string, hint: string): { reason: Reason } {
  return { reason: { code, detail, hint } };
}

const NAMES: Readonly<Record<string, string>> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/gif': 'GIF',
  'image/heic': 'HEIC',
  'image/heif': 'HEIF',
  'image/avif': 'AVIF',
};

/** “JPEG, PNG or WebP” for a sentence. */
export function typeNames(types: readonly string[]): string {
  const names = [...new Set(types.map((type) => NAMES[type] ?? type.replace(/^image\//, '').toUpperCase()))];
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}
