import { thumbHashToDataURL } from 'thumbhash';

const made = new Map<string, string | null>();

/** A CSS image for a ThumbHash (base64), or null when it is none. */
export function placeholder(hash: string): string | null {
  const known = made.get(hash);
  if (known !== undefined) return known;
  let image: string | null = null;
  try {
    if (hash !== '')
      image = `url(${thumbHashToDataURL(Uint8Array.from(atob(hash), (c) => c.charCodeAt(0)))})`;
  } catch {
    // Not a ThumbHash: the dominant colour stands in.
  }
  made.set(hash, image);
  return image;
}
