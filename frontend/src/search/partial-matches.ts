/** What has pictures of a search of which no picture has all: its words and tags one by one, and most of them together. */
import type { Client } from '../api/client';
import type { ImagePage } from '../api/types';
import { listActiveFilters } from './filters';
import { ITEM } from './params';
import { countFound, findFirst, isMatch, isReadOtherwise, ROW_LENGTH, type PictureRow } from './picture-rows';
import type { SearchParams } from './search-params';

/** A word, a phrase or a tag of the query, or a tag that was chosen beside it. */
interface Part {
  label: string;
  isChosenTag: boolean;
}

export interface Parts {
  /** What a search may do without. */
  parts: readonly Part[];
  /** What each search keeps: of the query exclusions, days, names, cameras and places, and these of the chosen tags. */
  kept: Pick<SearchParams, 'q' | 'tag'>;
}

export interface PartialMatches {
  /** Of the most parts first, then the one with the most pictures. The labels say what the API has read the parts as. */
  matches: readonly PictureRow[];
  /** Parts that no picture has. */
  missing: readonly string[];
}

/** Parts that are searched for: the longest ones, which say the most. Each takes a request, and their combinations take as many. */
const MAX_PARTS = 4;
const MAX_MATCHES = 4;
/** Words that a label names of those that were looked for instead of a part. */
const MAX_NAMED = 3;

const KEPT = /^(?:-|(?:date|from|to|by|camera|place|taken):)/i;
const NO_PLAIN_WORD = /^#|^\w+:|"/;
/** Words that say too little to be looked for alone: articles, conjunctions, prepositions, and words for pictures. */
const STOP_WORDS = [
  /^(?:an?|and|are|as|at|by|for|from|in|is|it|of|on|or|that|the)$/i,
  /^(?:this|to|was|with|about|above|behind|below|between|down|into|near|off|over|through|under|up|any|her|his|some|their)$/i,
  /^(?:der|die|das|den|dem|des|ein|eine|einem|einen|einer|und|oder|mit|von|vom|im|am|auf|bei|für|über|unter|zu|zum|zur)$/i,
  /^(?:photo(?:graph)?s?|pics?|pictures?|images?|fotos?|bild(?:er)?|aufnahmen?|fotografien?)$/i,
];
const PUNCTUATION = /^[,.;!?]+|[,.;!?]+$/g;

/** `isRelaxed`: pictures with any of the plain words are found already, and these have all the rest. */
export function listParts({ q, tag }: Pick<SearchParams, 'q' | 'tag'>, isRelaxed = false): Parts {
  const items = (q.match(ITEM) ?? []).map((item) =>
    NO_PLAIN_WORD.test(item) ? closeQuote(item) : item.replace(PUNCTUATION, ''),
  );
  const isKept = (item: string): boolean => KEPT.test(item) || (isRelaxed && NO_PLAIN_WORD.test(item));
  const tags = isRelaxed ? [] : tag;
  const chosen = tags.map((text) => `#${text}`);
  const asked = keepFirst([...chosen, ...items], (item) => item)
    .slice(chosen.length)
    .filter((item) => /[\p{L}\p{N}]/u.test(item) && !isKept(item));
  const telling = asked.filter((item) => !STOP_WORDS.some((words) => words.test(item)));
  const typed = telling.length + tags.length > 0 ? telling : asked;
  return {
    parts: [
      ...typed.map((label) => ({ label, isChosenTag: false })),
      ...chosen.map((label) => ({ label, isChosenTag: true })),
    ],
    kept: { q: items.filter(isKept).join(' '), tag: isRelaxed ? tag : [] },
  };
}

/** Whether a picture may be missing for another reason than its words and tags. */
export function isNarrowed(params: SearchParams, { kept }: Parts): boolean {
  const others = { ...params, tag: kept.tag };
  return kept.q !== '' || params.owner !== '' || listActiveFilters(others).length > 0;
}

/** Asks for each part, and then for as many as possible together of those that have pictures. */
export async function findPartialMatches(
  api: Pick<Client, 'searchImages'>,
  params: SearchParams,
  { parts, kept }: Parts,
  signal: AbortSignal,
): Promise<PartialMatches> {
  const ask = async (subset: readonly Part[]): Promise<Answer> => {
    const asked = { ...params, expand: '' as const, ...joinParts(subset, kept) };
    return { subset, asked, page: await findFirst(api, asked, ROW_LENGTH, signal) };
  };
  const single = await Promise.all(chooseLongest(parts).map((part) => ask([part])));
  const present = single.filter(({ page }) => isMatch(page) && !isReadOtherwise(page));
  const subsets = chooseSubsets(
    present.flatMap(({ subset }) => subset),
    parts.length,
  );
  const larger = await Promise.all(subsets.map(ask));
  const missing = single.filter(({ page }) => page?.images.length === 0 && page.next === null);
  return {
    // What the API has read otherwise, or in part, is no match of several parts.
    matches: keepFirst(
      [
        ...larger
          .filter(({ page }) => page !== null && !isReadOtherwise(page))
          .flatMap(describe)
          .sort(compareCounts),
        ...single.flatMap(describe).sort(compareCounts),
      ],
      // A slip of the pen is read as a word that may be a part itself.
      ({ label }) => label,
    ).slice(0, MAX_MATCHES),
    missing: missing.flatMap(({ subset }) => subset.map(({ label }) => label)),
  };
}

interface Answer {
  subset: readonly Part[];
  asked: SearchParams;
  page: ImagePage | null;
}

/** Leaves out what has the same text as something before it, in whatever case. */
function keepFirst<T>(all: readonly T[], getText: (one: T) => string): T[] {
  const seen = new Set<string>();
  return all.filter((one) => {
    const text = getText(one).toLowerCase();
    return !seen.has(text) && seen.add(text);
  });
}

/** The API takes a quotation that does not end as one up to the end of the query. */
function closeQuote(item: string): string {
  return (item.match(/"/g) ?? []).length % 2 === 1 ? `${item}"` : item;
}

function chooseLongest(parts: readonly Part[]): Part[] {
  const byLength = [...parts].sort((one, other) => other.label.length - one.label.length);
  const longest = byLength.slice(0, MAX_PARTS);
  return parts.filter((part) => longest.includes(part));
}

/** All that have pictures; where these are all `count` parts, all but one of them. A single one is no subset here. */
export function chooseSubsets<T>(present: readonly T[], count: number): T[][] {
  const subsets =
    present.length < count ? [[...present]] : present.map((left) => present.filter((part) => part !== left));
  return subsets.filter(({ length }) => length > 1);
}

function joinParts(subset: readonly Part[], kept: Parts['kept']): Parts['kept'] {
  const typed = subset.filter(({ isChosenTag }) => !isChosenTag).map(({ label }) => label);
  const chosen = subset.filter(({ isChosenTag }) => isChosenTag).map(({ label }) => label.slice(1));
  return { q: [...typed, kept.q].join(' ').trim(), tag: [...chosen, ...kept.tag] };
}

function describe({ subset, asked, page }: Answer): PictureRow[] {
  if (!isMatch(page)) return [];
  const { images, corrected, related = {} } = page;
  const label = corrected ?? subset.map(({ label }) => label).join(' ');
  const words = Object.values(related).flat();
  const named = words.slice(0, MAX_NAMED).join(', ') + (words.length > MAX_NAMED ? ', …' : '');
  return [
    {
      label: words.length === 0 ? label : `${label} (${named})`,
      params: corrected == null ? asked : { ...asked, q: corrected },
      images,
      found: countFound(page),
    },
  ];
}

function compareCounts(one: PictureRow, other: PictureRow): number {
  const count = ({ found }: PictureRow): number =>
    found.isAll ? found.shown : (found.count ?? found.shown + 1);
  return count(other) - count(one);
}
