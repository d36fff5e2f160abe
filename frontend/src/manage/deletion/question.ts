/** What is asked before many pictures are deleted at once, and for how long that can be undone. */
import { formatCount } from '../../app/format';

/** Up to so many pictures, nothing is asked: “Undo” is enough. */
export const MAX_UNASKED = 50;

/** Ms by which the time of the server may be later than the page knows: answers tell it in whole seconds. */
const CLOCK_ERROR = 1000;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** For how long deleted pictures can be restored, in a sentence; null where the library has not said it. */
export function describePeriod(seconds: number | null): string {
  if (seconds === null) return 'They can be restored for a while.';
  if (seconds === 0) return 'They cannot be restored.';
  return `They can be restored for ${formatPeriod(seconds)}.`;
}

/** How long something can still be undone, of so many ms: whole minutes, rounded up. */
export function formatTimeLeft(left: number): string {
  const minutes = Math.ceil((left - CLOCK_ERROR) / 1000 / MINUTE);
  return formatPeriod(MINUTE * Math.max(1, minutes));
}

/** Seconds as “3 days”, “10 minutes”: in the largest unit that there are two of, or one exactly, rounded down. */
function formatPeriod(seconds: number): string {
  const count = (size: number): number =>
    seconds === size || seconds >= 2 * size ? Math.floor(seconds / size) : 0;
  if (count(DAY) > 0) return formatCount(count(DAY), 'day');
  if (count(HOUR) > 0) return formatCount(count(HOUR), 'hour');
  if (count(MINUTE) > 0) return formatCount(count(MINUTE), 'minute');
  return formatCount(seconds, 'second');
}
