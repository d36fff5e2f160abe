/** How licences are called by those who read them, and where their text is. */
export function licenseName(id: string): string {
  if (id === 'all-rights-reserved') return 'All rights reserved';
  if (id === 'CC0-1.0') return 'CC0 1.0 (public domain)';
  const cc = /^CC-(BY(?:-[A-Z]+)*)-(\d\.\d)$/.exec(id);
  return cc === null ? id : `CC ${cc[1] ?? ''} ${cc[2] ?? ''}`;
}

export function licenseUrl(id: string): string | null {
  if (id === 'CC0-1.0') return 'https://creativecommons.org/publicdomain/zero/1.0/';
  const cc = /^CC-(BY(?:-[A-Z]+)*)-(\d\.\d)$/.exec(id);
  if (cc !== null)
    return `https://creativecommons.org/licenses/${(cc[1] ?? '').toLowerCase()}/${cc[2] ?? ''}/`;
  return id === 'PDDL-1.0' ? 'https://opendatacommons.org/licenses/pddl/1-0/' : null;
}
