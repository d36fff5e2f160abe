/** What is said of photos that go on once somebody signs in. */
import { pluralize } from '../../app/format';
import type { Progress } from './progress';

/** How many files in the list have not arrived, and go on after a sign-in. */
export function countWaiting({ unsent, staged, counts }: Progress): number {
  return unsent + staged + counts.missing;
}

export function describeWaiting(count: number): string {
  return pluralize(count, '# photo waits for your sign-in.', '# photos wait for your sign-in.');
}
