/** Cancels what the library expects of somebody who gives all photos up and signs out. */
import type { Clock } from '../../app/clock';
import type { UploadApi } from '../stage/ports';
import type { Rows } from '../stage/rows';

/** Rows of which some become known later, such as those of a request that is on its way. `later` never rejects. */
export interface ForgottenRows {
  readonly ids: readonly string[];
  readonly later: Promise<Rows> | null;
}

/** What became of the rows: `untold` when the library has not answered about all of them, or not all are known. */
export type RowsOutcome =
  | { readonly name: 'cancelled' }
  | { readonly name: 'arrived'; readonly count: number }
  | { readonly name: 'untold' };

const UNTOLD: RowsOutcome = { name: 'untold' };

/** Ms after which no answer is waited for: the rows expire by themselves. */
const UNTOLD_AFTER = 10_000;

/** The requests about the known rows are sent before this returns. Null where there were no rows. Never rejects. */
export function cancelForgottenRows(
  { ids, later }: ForgottenRows,
  api: Pick<UploadApi, 'cancelUploads'>,
  clock: Clock,
  cancelSize: number,
): Promise<RowsOutcome | null> {
  /** How many have become pictures all the same. */
  const cancel = async (rows: readonly string[]): Promise<number> => {
    const requests = [];
    for (let start = 0; start < rows.length; start += cancelSize)
      requests.push(api.cancelUploads(rows.slice(start, start + cancelSize)));
    const answers = await Promise.all(requests);
    return answers.flat().filter(({ state }) => state === 'already-ready').length;
  };
  const cancelLater = async (): Promise<Rows & { arrived: number }> => {
    const rows = (await later) ?? { ids: [], areAll: true };
    return { ...rows, arrived: await cancel(rows.ids) };
  };
  const answers = Promise.all([cancel(ids), cancelLater()]).then(([arrived, others]): RowsOutcome | null => {
    if (!others.areAll) return UNTOLD;
    if (ids.length + others.ids.length === 0) return null;
    const count = arrived + others.arrived;
    return count > 0 ? { name: 'arrived', count } : { name: 'cancelled' };
  });
  const late = new Promise<RowsOutcome>((resolve) => {
    const stop = clock.after(UNTOLD_AFTER, () => resolve(UNTOLD));
    void answers.then(stop, stop);
  });
  return Promise.race([answers.catch(() => UNTOLD), late]);
}
