import type { EditAnswer, EditRequest, Image } from '../../api/types';
import { Timer, type Clock } from '../../app/clock';
import { formatCount } from '../../app/format';
import { findText } from '../../app/texts';
import type { PictureChanges } from '../../pictures/picture-changes.svelte';
import { GONE, loadAnswered, type BatchEditApi } from '../batch/answers';
import type { Batch, Outcome } from '../batch/batch.svelte';
import type { Failure } from '../batch/send-in-chunks';
import type { FieldName } from '../fields/fields';
import { EditRecord } from '../reversal/edit-record';
import { buildReversal, type Reversal } from '../reversal/reversal';

export interface EditsPorts {
  api: BatchEditApi;
  changes: PictureChanges;
  clock: Clock;
  /** Who is signed in: nobody is offered to undo what another person has changed. Reactive. */
  getOwner(): string | null;
  /** For how many seconds an edit can be undone: as long as a deletion. */
  getSeconds(): Promise<number>;
  /** Another act is what “Undo” is about now. */
  onoffer(): void;
}

/** An edit of one or more pictures that can be undone. */
export interface UndoableEdit {
  reversals: readonly Reversal[];
  /** “photo.jpg”, “12 pictures”. */
  what: string;
  /** Ms by the clock. */
  until: number;
  owner: string | null;
  /** How many pictures it has changed of which nobody knows what they had. */
  lostCount: number;
  /** What else there is to say of the edit, as a sentence; or empty. */
  remark: string;
}

/** Requests that are on their way at once, where the pictures had so many different values. */
const PARALLEL = 4;

/** Seconds for which an edit can be undone where the library does not say it of deletions. */
const DEFAULT_SECONDS = 600;

/** Takes edits back. `latest` is the edit that “Undo” is about. The fields are reactive. */
export class Edits {
  #last = $state.raw<UndoableEdit | null>(null);
  readonly #timer: Timer;
  /** How many times pictures were given back what they had. */
  undoCount = $state(0);

  constructor(private readonly ports: EditsPorts) {
    this.#timer = new Timer(ports.clock);
  }

  get latest(): UndoableEdit | null {
    return this.#last?.owner === this.ports.getOwner() ? this.#last : null;
  }

  /** The record of an edit that is about to be sent. `shown` are the pictures as the page shows them. */
  record(shown: ReadonlyMap<string, Image>): EditRecord {
    return new EditRecord(this.ports.api, shown, this.ports.getOwner());
  }

  /** Offers to undo what was recorded; nothing where no picture was changed. */
  async offer(
    { reversals, lostCount, owner }: EditRecord,
    getName: (id: string) => string,
    remark = '',
  ): Promise<void> {
    const [first] = reversals;
    if (first === undefined) return;
    const count = reversals.length + lostCount;
    const what = count === 1 ? `“${getName(first.id)}”` : formatCount(count, 'picture');
    await this.#offer({ reversals, what, lostCount, owner, remark });
  }

  /** Offers to undo the edit of some fields of one picture; returns whether there is anything to undo. */
  offerOne(before: Image, after: Image, names: readonly FieldName[]): boolean {
    const reversal = buildReversal(before, after, names);
    if (reversal === null) return false;
    const owner = this.ports.getOwner();
    void this.#offer({ reversals: [reversal], what: `“${after.name}”`, lostCount: 0, owner, remark: '' });
    return true;
  }

  async #offer(edit: Omit<UndoableEdit, 'until'>): Promise<void> {
    this.#set({ ...edit, until: Infinity });
    this.ports.onoffer();
    const offered = this.#last;
    const seconds = await this.ports.getSeconds().catch(() => 0);
    if (this.#last !== offered || offered === null) return;
    this.#set({ ...offered, until: this.ports.clock.now() + 1000 * (seconds || DEFAULT_SECONDS) });
  }

  /**
   * Gives the pictures of the latest edit back what they had, but for those that somebody has changed since. `batch` has the
   * ids of the edit. Returns those that stay as they are; what no request has reached can be undone once more.
   */
  async undo(batch: Batch): Promise<readonly Failure[]> {
    const edit = this.latest;
    if (edit === null) return [];
    const byId = new Map(edit.reversals.map((reversal) => [reversal.id, reversal]));
    const remainder = await batch.run((ids) => this.#send(ids.flatMap((id) => byId.get(id) ?? [])));
    this.undoCount++;
    const left = new Set(remainder?.ids);
    if (this.#last !== edit) return batch.failures;
    const reversals = edit.reversals.filter(({ id }) => left.has(id));
    if (reversals.length === 0) this.dismiss();
    else
      this.#set({
        ...edit,
        reversals,
        what: formatCount(reversals.length, 'picture'),
        lostCount: 0,
        remark: '',
      });
    return batch.failures;
  }

  dismiss(): void {
    this.#timer.clear();
    this.#last = null;
  }

  #set(edit: UndoableEdit): void {
    this.#last = edit;
    this.#timer.clear();
    if (edit.until === Infinity) return;
    this.#timer.set(Math.max(0, edit.until - this.ports.clock.now()), () => (this.#last = null));
  }

  async #send(reversals: readonly Reversal[]): Promise<Outcome[]> {
    const requests = groupReversals(reversals);
    const outcomes: Outcome[] = [];
    for (let start = 0; start < requests.length; start += PARALLEL) {
      const answers = await Promise.all(
        requests.slice(start, start + PARALLEL).map((request) => this.ports.api.editImages(request)),
      );
      const images = await loadAnswered(answers.flat(), this.ports.api);
      this.ports.changes.noteCurrent([...images.values()]);
      outcomes.push(...answers.flat().map(readOutcome));
    }
    return outcomes;
  }
}

/** One request for all pictures that get the same back. */
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

function readOutcome({ id, state, error }: EditAnswer): Outcome {
  if (state === 'gone') return { id, reason: GONE };
  if (state !== 'rejected') return { id, reason: null };
  if (error?.code === 'edited-meanwhile') {
    return { id, reason: 'Somebody has changed the picture since. It stays as it is now.' };
  }
  const reason = error && (findText(error.code) ?? error.detail);
  return { id, reason: reason ?? 'The library did not take the change.' };
}
