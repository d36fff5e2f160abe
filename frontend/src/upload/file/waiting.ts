/** What is said of photos that go on once somebody signs in. */
import { pluralize } from '../../app/format';
import type { Progress } from './progress';

/** How many files in the list have not arrived, and go on after a sign-in. */
export function countWaiting({ unsent, staged, counts }: Progress): number {
  return unsent + staged + counts.missing;
}

/** `owners`: of how many people the photos are. Whoever reads it is at most one of them. */
export function describeWaiting(count: number, owners = 1): string {
  if (owners > 1)
    return pluralize(
      count,
      '# photo in this browser waits for a sign-in.',
      '# photos in this browser wait for a sign-in.',
    );
  return pluralize(count, '# photo waits for your sign-in.', '# photos wait for your sign-in.');
}
