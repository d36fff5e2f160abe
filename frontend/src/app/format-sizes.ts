/** How sizes and durations are told, which only those who upload read: apart from `format.ts`, which every page loads. */
import { locale, t } from './texts';

const UNITS = [t`bytes`, 'kB', 'MB', 'GB', 'TB'] as const;

/**
 * Bytes, with three digits at most: 940 bytes, 1.2 MB, 50 MB. A kB has 1024 bytes here, as in most file managers: the limits
 * are set in these units.
 */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toLocaleString(locale, { maximumFractionDigits: digits })} ${UNITS[unit] ?? ''}`;
}

/** “24 megapixels”. */
export function formatMegapixels(pixels: number): string {
  return `${Math.round(pixels / 1e6)} megapixels`;
}

/** “42 s”, “3 min”, “1 h 5 min”. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  return `${Math.floor(minutes / 60)}\u00a0h ${minutes % 60}\u00a0min`;
}
