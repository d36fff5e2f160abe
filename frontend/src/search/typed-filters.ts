/** Filters that somebody has typed as words, in the page's languages: “free to use”, “Hochformat”, “license:cc0”. */
import { t } from '../app/texts';
import { listActiveFilters } from './filters';
import { formatPeriod } from './period-label';
import type { FilterName, SearchParams } from './search-params';
import { findTypedPeriod } from './typed-periods';

/** A filter, and the search with it in the place of the words. */
export interface TypedFilter {
  label: string;
  params: SearchParams;
}

/** Some of these pictures may be used for no money alone, or need a credit, so no words that ask for more. */
const FREE =
  'license-free|free|free-to-use|royalty-free|free-images|free-photos|free-pictures|free-download|creative-commons|' +
  'kostenlos|kostenfrei|gratis|lizenzfrei|lizenzfreie-bilder|freie-bilder|frei-verwendbar';
const NO_RIGHTS =
  'cc0|cc-0|public-domain|no-copyright|copyright-free|no-credit|no-credit-needed|no-credit-required|no-attribution|' +
  'no-attribution-required|gemeinfrei|rechtefrei|ohne-copyright|ohne-urheberrecht|ohne-namensnennung|ohne-quellenangabe';
const COLORS: readonly [string, string][] = [
  ['black', 'black|schwarz(?:e[mnrs]?)?'],
  ['white', 'white|weiß(?:e[mnrs]?)?|weiss(?:e[mnrs]?)?'],
  ['gray', 'gray|grey|grau(?:e[mnrs]?)?'],
  ['red', 'red|rot(?:e[mnrs]?)?'],
  ['orange', 'orange'],
  ['yellow', 'yellow|gelb(?:e[mnrs]?)?'],
  ['green', 'green|grün(?:e[mnrs]?)?|gruen(?:e[mnrs]?)?'],
  ['teal', 'teal|türkis|turquoise'],
  ['blue', 'blue|blau(?:e[mnrs]?)?'],
  ['purple', 'purple|violet|lila|violett(?:e[mnrs]?)?'],
  ['pink', 'pink|rosa'],
  ['brown', 'brown|braun(?:e[mnrs]?)?'],
];

/**
 * What is typed after “cc”: the longest ones first, as each begins with a shorter one. Without a version it is the newest;
 * what is followed by another version, or by another condition, is a licence that the library does not have.
 */
const CREATIVE_COMMONS: readonly [string, string][] = [
  ['CC-BY-NC-SA-4.0', 'by-nc-sa(?:-4\\.0)?'],
  ['CC-BY-NC-ND-4.0', 'by-nc-nd(?:-4\\.0)?'],
  ['CC-BY-SA-3.0', 'by-sa-3\\.0'],
  ['CC-BY-SA-4.0', 'by-sa(?:-4\\.0)?'],
  ['CC-BY-ND-4.0', 'by-nd(?:-4\\.0)?'],
  ['CC-BY-NC-4.0', 'by-nc(?:-4\\.0)?'],
  ['CC-BY-3.0', 'by-3\\.0'],
  ['CC-BY-4.0', 'by(?:-4\\.0)?'],
];

const NOT_GOING_ON = '(?!-\\d(?:\\.\\d)?(?!\\S))(?!-[ns][acd](?!\\w))';

/** What is typed for a value, separated by bars; a hyphen stands for a space, too. */
const WORDS: readonly [FilterName, string, string][] = [
  ...CREATIVE_COMMONS.map(([value, words]): [FilterName, string, string] => [
    'license',
    value,
    `cc-?${words}${NOT_GOING_ON}`,
  ]),
  ['license', 'free', FREE],
  ['license', 'CC0-1.0', NO_RIGHTS],
  ['orientation', 'portrait', 'portrait|portrait-format|vertical|upright|hochformat|hochkant'],
  ['orientation', 'landscape', 'landscape|landscape-format|horizontal|querformat|quer'],
  ['orientation', 'square', 'square|quadratisch|quadrat'],
  ...COLORS.map(([value, words]): [FilterName, string, string] => ['color', value, words]),
];
/** How the filters are called where somebody types one as if it were an operator. */
const NAMES: Readonly<Partial<Record<FilterName, string>>> = {
  license: 'licen[sc]e|lizenz',
  orientation: 'orientation|shape|form',
  color: 'colou?r|farbe',
};

/** At most one for each filter, in the order of the filters above, and then a period; none that the search has already. */
export function findTypedFilters(params: SearchParams, now = Date.now()): TypedFilter[] {
  const found = new Map<FilterName, TypedFilter>();
  for (const [name, value, words] of WORDS) {
    const rest = removeWords(params.q, name, words);
    if (rest === null || params[name] !== '' || found.has(name)) continue;
    const asked: SearchParams = { ...params, q: rest, [name]: value };
    const label = listActiveFilters(asked).find(({ key }) => key === name)?.label ?? value;
    found.set(name, { label, params: asked });
  }
  const { taken = null, added = null } = findTypedPeriod(params, now) ?? {};
  const periods = [];
  if (taken !== null) periods.push({ label: describe(taken, ['taken']), params: taken });
  if (added !== null) {
    const label = taken === null ? describe(added, ['from', 'to']) : t`added ${formatPeriod(taken.taken)}`;
    periods.push({ label, params: added });
  }
  return [...found.values(), ...periods];
}

/** “taken May 2016”, or of a week “added from May 2, 2016, added to May 8, 2016”. */
function describe(asked: SearchParams, names: readonly FilterName[]): string {
  return listActiveFilters(asked)
    .filter(({ key }) => names.some((name) => name === key))
    .map(({ label }) => label)
    .join(', ');
}

/** The query without any of the words; null where it has none of them. */
function removeWords(q: string, name: FilterName, words: string): string | null {
  const alternatives = words
    .split('|')
    .sort((one, other) => other.length - one.length)
    .map((text) => text.replaceAll('-', '[ -]'))
    .join('|');
  const operator = `(?:(?:${NAMES[name] ?? name}):\\s*)?`;
  const value = `(?:${alternatives})(?:-1\\.0)?`;
  // A phrase with other words in it stays as it is.
  const pattern = new RegExp(`(^|\\s)${operator}(?:"${value}"|${value})(?=\\s|$)|"[^"]*"?`, 'giu');
  const replaced = q.replace(pattern, (match, start?: string) => start ?? match);
  const rest = replaced.replace(/\s+/g, ' ').trim();
  return rest === q.replace(/\s+/g, ' ').trim() ? null : rest;
}
