/** When a picture is hidden: before the end of its embargo, and from the moment on when it expires. */
import type { Image } from '../../api/types';

/** Ms before a picture expires from which on lists point it out: 30 days. */
const NOTICE_PERIOD = 30 * 24 * 3600 * 1000;

type Rights = Pick<Image, 'embargo' | 'expires'>;

export type Visibility =
  | { name: 'visible' }
  /** Visible, and no longer at `at` (RFC 3339), which is soon. */
  | { name: 'expiring'; at: string }
  | { name: 'embargoed'; at: string }
  | { name: 'expired'; at: string };

export function getVisibility({ embargo, expires }: Rights, now: number): Visibility {
  if (expires !== null && Date.parse(expires) <= now) return { name: 'expired', at: expires };
  if (embargo !== null && Date.parse(embargo) > now) return { name: 'embargoed', at: embargo };
  if (expires !== null && Date.parse(expires) - now < NOTICE_PERIOD) return { name: 'expiring', at: expires };
  return { name: 'visible' };
}

export function isHidden(image: Rights, now: number): boolean {
  const { name } = getVisibility(image, now);
  return name === 'embargoed' || name === 'expired';
}
