/** What is said of photos that go on once somebody signs in. */
import { pluralize } from '../../app/format';
import { t } from '../../app/texts';
import type { Progress } from './progress';

/** How many files in the list have not arrived, and go on after a sign-in. `sending`: how many of them are sent without one. */
export function countWaiting({ unsent, staged, counts }: Progress, sending = 0): number {
  return unsent - sending + staged + counts.missing;
}

/** “4 still being sent · 28 wait for you to sign in”. `unsent`: files that have not arrived, with those that are being sent. */
export function describeSignInPause(unsent: number, sending: number): string {
  const waiting = unsent - sending;
  const waits = pluralize(waiting, '# waits for you to sign in', '# wait for you to sign in');
  if (sending === 0 && waiting > 0) return waits;
  const rest = waiting > 0 ? waits : t`what becomes of them is shown once you sign in`;
  return sending === 0 ? rest : `${pluralize(sending, '# still being sent', '# still being sent')} · ${rest}`;
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

/** What whoever signs in has to do for photos of which the browser has kept nothing but their names; empty where there are none. */
export function describeLost({ count, lost }: { count: number; lost: number }): string {
  if (lost === 0) return '';
  if (lost === count)
    return pluralize(
      lost,
      'It has to be chosen again then, as this browser has kept only its name.',
      'They have to be chosen again then, as this browser has kept only their names.',
    );
  return pluralize(
    lost,
    '# of them has to be chosen again then, as this browser has kept only its name.',
    '# of them have to be chosen again then, as this browser has kept only their names.',
  );
}
