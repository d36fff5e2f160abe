import { thumbHashToDataURL } from 'thumbhash';

/** A CSS image for a ThumbHash in base64, or null when the text is not one. */
export function decodeThumbhash(base64: string): string | null {
  if (base64 === '') return null;
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return `url(${thumbHashToDataURL(bytes)})`;
  } catch {
    return null;
  }
}
