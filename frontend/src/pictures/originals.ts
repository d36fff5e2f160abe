import type { Config, Image } from '../api/types';

/**
 * Whether everybody who sees a picture may download its original. Its owner always may. The API decides; the page offers.
 */
export function isOriginalOffered(
  { originals }: Pick<Config, 'originals'>,
  { license }: Pick<Image, 'license'>,
): boolean {
  return originals === 'everybody' || (originals === 'license' && license !== 'all-rights-reserved');
}
