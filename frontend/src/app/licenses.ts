const CREATIVE_COMMONS = /^CC-(BY(?:-[A-Z]+)*)-(\d\.\d)$/;

/** The name by which people know a licence: “CC BY-SA 4.0” for the SPDX identifier CC-BY-SA-4.0. */
export function formatLicense(id: string): string {
  if (id === 'all-rights-reserved') return 'All rights reserved';
  if (id === 'CC0-1.0') return 'CC0 1.0 (public domain)';
  const match = CREATIVE_COMMONS.exec(id);
  return match === null ? id : `CC ${match[1] ?? ''} ${match[2] ?? ''}`;
}

/** The address of a licence's text, or null when it has none. */
export function getLicenseUrl(id: string): string | null {
  if (id === 'CC0-1.0') return 'https://creativecommons.org/publicdomain/zero/1.0/';
  const match = CREATIVE_COMMONS.exec(id);
  if (match !== null) {
    return `https://creativecommons.org/licenses/${(match[1] ?? '').toLowerCase()}/${match[2] ?? ''}/`;
  }
  return id === 'PDDL-1.0' ? 'https://opendatacommons.org/licenses/pddl/1-0/' : null;
}

/** The address at which a picture's terms can be read; null for a text that leads to no page. */
export function parseTermsUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}
