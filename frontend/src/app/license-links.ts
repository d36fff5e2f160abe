import { CREATIVE_COMMONS } from './licenses';

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
