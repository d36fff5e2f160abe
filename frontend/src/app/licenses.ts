/** The SPDX identifier of a licence by Creative Commons: its kind, and its version. */
export const CREATIVE_COMMONS = /^CC-(BY(?:-[A-Z]+)*)-(\d\.\d)$/;

/** The name by which people know a licence: “CC BY-SA 4.0” for the SPDX identifier CC-BY-SA-4.0. Searches know `free`, too. */
export function formatLicense(id: string): string {
  if (id === 'free') return 'Free to use';
  if (id === 'all-rights-reserved') return 'All rights reserved';
  if (id === 'CC0-1.0') return 'CC0 1.0 (public domain)';
  if (id === 'PDDL-1.0') return 'PDDL 1.0 (public domain)';
  const match = CREATIVE_COMMONS.exec(id);
  return match === null ? id : `CC ${match[1] ?? ''} ${match[2] ?? ''}`;
}
