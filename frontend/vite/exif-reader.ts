/**
 * What is taken of exifreader: its own builds leave features out by constants, which the build here makes `true` or `false`, so
 * that whatever hangs on them is no part of the page.
 */
import type { Plugin } from 'vite';

const KEPT = new Set(['EXIF', 'IPTC', 'XMP', 'JPEG', 'PNG', 'WEBP', 'AVIF']);

export function trimExifReader(): Plugin {
  return {
    name: 'trim-exif-reader',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/exifreader/src/')) return null;
      return code.replace(/\bConstants\.USE_(\w+)/g, (_all, feature: string) => String(KEPT.has(feature)));
    },
  };
}
