/** Days, months and years that people often ask for, spelled as the API takes them. Days are those of UTC. */
/** Days from which on pictures were added. */
export interface AddedRange {
  label: string;
  from: string;
}

/** A time in which pictures were taken: `2016`, `2016-05` or `2016-05-20`. */
export interface TakenPeriod {
  label: string;
  value: string;
}

const DAY = 86_400_000;

export function listAddedRanges(now: number): AddedRange[] {
  const today = formatDay(now);
  return [
    { label: 'Last 7 days', from: formatDay(now - 6 * DAY) },
    { label: 'This month', from: `${today.slice(0, 7)}-01` },
    { label: 'This year', from: `${today.slice(0, 4)}-01-01` },
  ];
}

export function listTakenPeriods(now: number): TakenPeriod[] {
  const today = formatDay(now);
  const year = Number(today.slice(0, 4));
  return [
    { label: 'This month', value: today.slice(0, 7) },
    { label: 'This year', value: String(year) },
    { label: 'Last year', value: String(year - 1) },
  ];
}

function formatDay(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
