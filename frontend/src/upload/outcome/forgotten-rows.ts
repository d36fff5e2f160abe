/** Cancels what the library expects of somebody who gives all photos up and signs out. */
import type { Clock } from '../../app/clock';
import type { UploadApi } from '../stage/ports';

/** What became of the rows: `untold` when the library has not answered about all of them. */
export type RowsOutcome =
  | { readonly name: 'cancelled' }
  | { readonly name: 'arrived'; readonly count: number }
  | { readonly name: 'untold' };

/** Ms after which no answer is waited for: the rows expire by themselves. */
const PATIENCE = 10_000;

/** All requests are sent before this returns, with the token that is in use. Never rejects. */
export function cancelForgottenRows(
  ids: readonly string[],
  api: Pick<UploadApi, 'cancelUploads'>,
  clock: Clock,
  cancelSize: number,
): Promise<RowsOutcome> {
  const requests = [];
  for (let start = 0; start < ids.length; start += cancelSize)
    requests.push(api.cancelUploads(ids.slice(start, start + cancelSize)));
  const answers = Promise.all(requests).then((parts): RowsOutcome => {
    const count = parts.flat().filter(({ state }) => state === 'already-ready').length;
    return count > 0 ? { name: 'arrived', count } : { name: 'cancelled' };
  });
  const untold = { name: 'untold' } as const;
  const late = new Promise<RowsOutcome>((resolve) => {
    const stop = clock.after(PATIENCE, () => resolve(untold));
    void answers.then(stop, stop);
  });
  return Promise.race([answers.catch(() => untold), late]);
}
