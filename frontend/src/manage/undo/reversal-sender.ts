/** Sends what gives pictures back what they had, and keeps how each of them fared. */
import { ApiError, hasStatus, isTransient } from '../../api/errors';
import type { EditAnswer, EditRequest, Image } from '../../api/types';
import { describeError } from '../../app/messages';
import { findText } from '../../app/texts';
import { GONE, loadAnswered, type BatchEditApi } from '../batch/answers';
import type { Outcome } from '../batch/batch.svelte';
import type { Failure, Remainder } from '../batch/send-in-chunks';
import type { Reversal } from '../reversal/reversal';

/** Requests at the same time: pictures that had different values cannot share one. */
const PARALLEL = 4;

/** How a picture fared. `isFinal`: another attempt would end the same. */
interface Result extends Outcome {
  isFinal: boolean;
}

/** One undo, whose requests may be sent more than once. Each group of pictures with the same reversal fails on its own. */
export class ReversalSender {
  readonly #reversals: ReadonlyMap<string, Reversal>;
  #results = new Map<string, Result>();

  constructor(
    reversals: readonly Reversal[],
    private readonly api: BatchEditApi,
    /** Gets the pictures as they are then. */
    private readonly onedited: (images: readonly Image[]) => void,
  ) {
    this.#reversals = new Map(reversals.map((reversal) => [reversal.id, reversal]));
  }

  /** The pictures that a request has reached, and that stay as they are. */
  get failures(): Failure[] {
    return [...this.#results.values()].flatMap(({ id, reason }) => (reason === null ? [] : [{ id, reason }]));
  }

  /** Whether sending this picture once more would end the same. */
  isFinal(id: string): boolean {
    return this.#results.get(id)?.isFinal === true;
  }

  /** A remainder without the pictures that were answered: of the requests of the last chunk, some may have succeeded. */
  listLeft(remainder: Remainder): Remainder {
    return { ...remainder, ids: remainder.ids.filter((id) => !this.#results.has(id)) };
  }

  /**
   * Sends those pictures that are not answered yet. Rejects once all requests on their way have ended, where one of them
   * failed for a reason that is the same for all: the network, the library, the sign-in. `check` throws where nothing more is to
   * be sent.
   */
  async send(ids: readonly string[], check: () => void = () => undefined): Promise<Outcome[]> {
    const waiting = ids.filter((id) => !this.#results.has(id));
    const requests = groupReversals(waiting.flatMap((id) => this.#reversals.get(id) ?? []));
    for (let start = 0; start < requests.length; start += PARALLEL) {
      check();
      const some = requests.slice(start, start + PARALLEL);
      const ends = await Promise.allSettled(some.map((request) => this.#sendOne(request)));
      const answers = ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []));
      this.onedited([...(await loadAnswered(answers, this.api)).values()]);
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
    return ids.flatMap((id) => this.#results.get(id) ?? []);
  }

  async #sendOne(request: EditRequest): Promise<EditAnswer[]> {
    try {
      const answers = await this.api.editImages(request);
      this.#note(answers.map(readResult));
      return answers;
    } catch (error) {
      if (isTransient(error) || hasStatus(error, 401) || !(error instanceof ApiError)) throw error;
      // A value that the library no longer takes, such as an expiry that has passed, is one of this group alone.
      const isFinal = error.status === 400 && error.code !== 'unknown';
      this.#note(request.ids.map((id) => ({ id, reason: describeError(error), isFinal })));
      return [];
    }
  }

  #note(results: readonly Result[]): void {
    for (const result of results) this.#results.set(result.id, result);
  }
}

/** Makes one request for all pictures that get the same values back. */
export function groupReversals(reversals: readonly Reversal[]): EditRequest[] {
  const groups = new Map<string, Reversal[]>();
  for (const reversal of reversals) {
    const key = JSON.stringify(reversal.changes);
    groups.set(key, [...(groups.get(key) ?? []), reversal]);
  }
  return [...groups.values()].map((group) => ({
    ids: group.map(({ id }) => id),
    ...group[0]?.changes,
    revisions: Object.fromEntries(group.map(({ id, revision }) => [id, revision])),
  }));
}

function readResult({ id, state, error }: EditAnswer): Result {
  if (state === 'gone') return { id, reason: GONE, isFinal: true };
  if (state !== 'rejected') return { id, reason: null, isFinal: true };
  if (error?.code === 'edited-meanwhile') {
    const reason = 'Somebody has changed the picture since. It stays as it is now.';
    return { id, reason, isFinal: true };
  }
  const reason = error && (findText(error.code) ?? error.detail);
  return { id, reason: reason ?? 'The library did not take the change.', isFinal: true };
}
