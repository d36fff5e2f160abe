import type { Config } from '../../api/types';
import { createReason, type Reason } from '../../app/reasons';
import { formatAccepted, sniff } from './media-types';

export type Limits = Pick<Config, 'types' | 'formats' | 'max_bytes' | 'max_pixels'>;

/** Bytes read from the front of a file: enough to get past a large embedded profile and preview. */
const HEAD_SIZE = 512 * 1024;

/**
 * The file's media type by its first bytes, or why the library would not accept the file. The media type that the browser gives
 * counts only for an accepted type of which the library names no first bytes.
 */
export async function inspectFile(
  file: File,
  limits: Limits,
): Promise<{ type: string } | { reason: Reason }> {
  if (file.size === 0) return { reason: createReason('file-empty') };
  if (file.size > limits.max_bytes) {
    return { reason: createReason('file-too-large', file.size, limits.max_bytes) };
  }
  const sniffed = sniff(new Uint8Array(await file.slice(0, HEAD_SIZE).arrayBuffer()), limits.formats);
  if (sniffed === null) {
    const isUnknowable = limits.formats.every(({ type }) => type !== file.type);
    if (isUnknowable && limits.types.includes(file.type)) return { type: file.type };
    if (isVideo(file)) return { reason: createReason('video', formatAccepted(limits)) };
    const code = isNamedAsAccepted(file.name, limits) ? 'no-picture-inside' : 'not-a-picture';
    return { reason: createReason(code, formatAccepted(limits)) };
  }
  const { type, title } = sniffed.format;
  if (!limits.types.includes(type)) {
    if (isVideo(file, type)) return { reason: createReason('video', formatAccepted(limits)) };
    return { reason: createReason('format-not-accepted', title, type, formatAccepted(limits)) };
  }
  const pixels = sniffed.width * sniffed.height;
  if (pixels > limits.max_pixels) {
    return { reason: createReason('too-many-megapixels', pixels, limits.max_pixels) };
  }
  return { type };
}

/**
 * Whether a file is a video, by the media type that the browser gives it, or by its first bytes (`type`). Camera raw files (CR3)
 * begin like videos, so for these the name decides.
 */
function isVideo(file: File, type = ''): boolean {
  return file.type.startsWith('video/') || (type.startsWith('video/') && !/\.cr3$/i.test(file.name));
}

/** Whether the name of a file ends like those of pictures of an accepted type. */
function isNamedAsAccepted(name: string, { types }: Limits): boolean {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return types.includes(`image/${/^(jpg|jpe|jfif)$/.test(ending) ? 'jpeg' : ending}`);
}
