/** Days, months and years that somebody has typed as words, in English and German: “2026”, “December 2026”, “letzte Woche”. */
import type { SearchParams } from './search-params';

/** The search without these words, in which pictures were taken, or added. */
export interface TypedPeriod {
  /** Null for a week: a search asks for pictures taken on one day, in one month or in one year. */
  taken: SearchParams | null;
  /** Null for a time before there can have been a library. */
  added: SearchParams | null;
}

/** The first and the last day, and the period as `taken` is written. */
interface Period {
  from: string;
  to: string;
  taken?: string;
}

const DAY = 86_400_000;
/** The first day by which a search for added pictures can be narrowed. No picture was added before. */
const FIRST_DAY = '2000-01-01';
const LAST = '(?:last|past|previous|letzte[nrs]?|vergangene[nrs]?|vorige[nrs]?)';
const THIS = '(?:this|diese[nrs]?)';
const YEAR = '((?:18|19|20)\\d\\d)';
const MONTHS = [
  'jan(?:uary|uar)?|jänner',
  'feb(?:ruary|ruar)?',
  'mar(?:ch)?|märz|maerz',
  'apr(?:il)?',
  'may|mai',
  'june?|juni',
  'july?|juli',
  'aug(?:ust)?',
  'sept?(?:ember)?',
  'o[ck]t(?:ober)?',
  'nov(?:ember)?',
  'de[cz](?:ember)?',
] as const;

/** Words that, before a period, ask for another time than this, or make the period a part of a date or of a longer time. */
const OTHER_BEFORE = new RegExp(
  '(?:^|\\s)(?:before|after|since|until|till|to|not|no|or|without|except|vor|nach|seit|bis|ohne|nicht|kein|oder|' +
    '\\d\\d?(?:[.,]|st,?|nd,?|rd,?|th,?)?|[-–])$',
  'iu',
);
const OTHER_BEHIND = /^\s+(?:to|until|till|or|bis|oder|[-–])(?:\s|$)/iu;

/** The first period that a query names and that has begun; null without one, and for a search that has a filter of time already. */
export function findTypedPeriod(params: SearchParams, now: number): TypedPeriod | null {
  if (params.taken !== '' || params.from !== '' || params.to !== '') return null;
  for (const [words, makePeriod] of listPeriods(now)) {
    // Phrases stay as they are.
    const pattern = new RegExp(`(^|\\s)(?:(?:in|im|from|vom|von)\\s+)?(?:${words})(?=\\s|$)|"[^"]*"?`, 'giu');
    for (const { 0: found, 1: space, 2: value = '', index } of params.q.matchAll(pattern)) {
      if (space === undefined) continue;
      const period = makePeriod(value);
      if (period === null || period.from > formatDay(now)) continue;
      const { from, to, taken } = period;
      const [before, behind] = [params.q.slice(0, index), params.q.slice(index + found.length)];
      if (OTHER_BEFORE.test(before.trimEnd()) || OTHER_BEHIND.test(behind)) return null;
      const q = `${before} ${behind}`.replace(/\s+/g, ' ').trim();
      return {
        taken: taken === undefined ? null : { ...params, q, taken },
        added: to < FIRST_DAY ? null : { ...params, q, from, to },
      };
    }
  }
  return null;
}

/**
 * What is typed for a period, and the period of the day or year in it; null where there is no such day. Days come before
 * months, and months before years, which are a part of them.
 */
function listPeriods(now: number): [string, (value: string) => Period | null][] {
  const today = new Date(now);
  const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
  const monday = now - ((today.getUTCDay() + 6) % 7) * DAY;
  return [
    ['today|heute', () => describeDays(now, now)],
    ['yesterday|gestern', () => describeDays(now - DAY, now - DAY)],
    [`${THIS} (?:week|woche)`, () => describeDays(monday, monday + 6 * DAY)],
    [`${LAST} (?:week|woche)`, () => describeDays(monday - 7 * DAY, monday - DAY)],
    [`${THIS} (?:month|monat)`, () => describeMonth(year, month)],
    [`${LAST} (?:month|monat)`, () => describeMonth(year, month - 1)],
    [`${THIS} (?:year|jahr)`, () => describeYear(year)],
    [`${LAST} (?:year|jahr)`, () => describeYear(year - 1)],
    [`(${YEAR}-\\d\\d?-\\d\\d?)`, (text) => describeDay(text.split('-'))],
    [`(\\d\\d?\\.\\d\\d?\\.${YEAR})`, (text) => describeDay(text.split('.').reverse())],
    ...MONTHS.flatMap((names, index): [string, (text: string) => Period][] => [
      [`(?:${names})\\.? ${YEAR}`, (text) => describeMonth(Number(text), index)],
      [`${YEAR} (?:${names})\\.?`, (text) => describeMonth(Number(text), index)],
      [`0?${index + 1}[./]${YEAR}`, (text) => describeMonth(Number(text), index)],
      [`${YEAR}-0?${index + 1}`, (text) => describeMonth(Number(text), index)],
    ]),
    [YEAR, (text) => describeYear(Number(text))],
  ];
}

function describeDays(first: number, last: number): Period {
  const [from, to] = [formatDay(first), formatDay(last)];
  return from === to ? { from, to, taken: from } : { from, to };
}

/** A day by the texts of its year, month and day. */
function describeDay(parts: readonly string[]): Period | null {
  const [year = 0, month = 0, day = 0] = parts.map(Number);
  const moment = Date.UTC(year, month - 1, day);
  const isDay = new Date(moment).getUTCMonth() === month - 1 && day > 0;
  return isDay ? describeDays(moment, moment) : null;
}

function describeMonth(year: number, month: number): Period {
  const from = formatDay(Date.UTC(year, month, 1));
  return { from, to: formatDay(Date.UTC(year, month + 1, 0)), taken: from.slice(0, 7) };
}

function describeYear(year: number): Period {
  return { from: `${year}-01-01`, to: `${year}-12-31`, taken: String(year) };
}

function formatDay(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
