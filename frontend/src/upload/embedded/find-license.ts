/** The licence in this list that can be read at an address, as the library finds it; empty for any other address. */
export function findLicense(address: string, licenses: readonly string[]): string {
  const path = address
    .toLowerCase()
    .replace(/^https?:\/\/(?:www\.)?/, '')
    .replace(/\/(?:deed|legalcode)(?:\.[a-z_-]+)?$/, '')
    .replace(/\/+$/, '');
  return licenses.find((license) => getPath(license) === path) ?? '';
}

/** Null for a licence that is read nowhere. */
function getPath(license: string): string | null {
  if (license === 'CC0-1.0') return 'creativecommons.org/publicdomain/zero/1.0';
  if (license === 'PDDL-1.0') return 'opendatacommons.org/licenses/pddl/1-0';
  const match = /^CC-(.+)-([\d.]+)$/.exec(license);
  return match === null ? null : `creativecommons.org/licenses/${match[1]?.toLowerCase()}/${match[2]}`;
}
