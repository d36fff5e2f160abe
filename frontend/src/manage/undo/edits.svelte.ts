import type { Image } from '../../api/types';
import { Timer, type Clock } from '../../app/clock';
import { formatCount } from '../../app/format';
import type { PictureChanges } from '../../pictures/picture-changes.svelte';
import type { BatchEditApi } from '../batch/answers';
import type { Batch } from '../batch/batch.svelte';
import { numberRequest } from '../batch/request-order';
import { listUnsent, type Failure } from '../batch/send-in-chunks';
import type { FieldName } from '../fields/fields';
import { EditRecord } from '../reversal/edit-record';
import { buildReversal, type Reversal } from '../reversal/reversal';
import type { KeptAct } from './kept-act';
import { ReversalSender } from './reversal-sender';

export interface EditsPorts {
  api: BatchEditApi;
  changes: PictureChanges;
  clock: Clock;
  /** Who is signed in: nobody is offered to undo what another person has changed. Reactive. */
  getOwner(): string | null;
  /** For how many seconds an edit can be undone: as long as a deletion. */
  getSeconds(): Promise<number>;
  /** An edit with this request is offered to be undone. */
  onoffer(request: number): void;
  /** Where the edit survives a reload. */
  kept: KeptAct<UndoableEdit>;
}

/** An edit of one or more pictures that can be undone. */
export interface UndoableEdit {
  /** What is left of an edit after an undo that failed has the same id. */
  id: string;
  reversals: readonly Reversal[];
  /** “photo.jpg”, “12 pictures”. */
  what: string;
  /** Ms by the clock. */
  until: number;
  owner: string | null;
  /** The number of the request for it, or of the undo that has left it; 0 for one from before a reload. */
  request: number;
  /** How many pictures it has changed of which nobody knows what they had. */
  lostCount: number;
  /** What else there is to say of the edit, as a sentence; or empty. */
  remark: string;
}

/** How an undo has ended. */
export interface UndoneEdit {
  /** The pictures that stay as they are, with the reasons. */
  failures: readonly Failure[];
  /** What no request has reached, or for which another attempt may succeed; null where there is nothing. */
  rest: UndoableEdit | null;
}

/** Whether a stored value has what an undo needs. */
export function isUndoableEdit({ id, reversals, what }: Partial<UndoableEdit>): boolean {
  const isNamed = typeof id === 'string' && typeof what === 'string';
  return isNamed && Array.isArray(reversals) && reversals.length > 0;
}

/** Seconds for which an edit can be undone where the library does not say it of deletions. */
const DEFAULT_SECONDS = 600;

/** Takes edits back. `latest` is the edit that “Undo” is about. The fields are reactive. */
export class Edits {
  #last = $state.raw<UndoableEdit | null>(null);
  readonly #timer: Timer;
  /** Id of the edit that is just being undone: neither its time nor another act ends its offer meanwhile. */
  #undoing: string | null = null;
  /** How many times pictures were given back what they had. */
  undoCount = $state(0);
  /** Whether the latest edit can be undone after a reload, too. */
  isKept = $state(false);

  constructor(private readonly ports: EditsPorts) {
    this.#timer = new Timer(ports.clock);
    const kept = ports.kept.read(ports.getOwner());
    if (kept === null) return;
    this.#last = { ...kept.act, request: 0 };
    this.isKept = true;
    this.#timer.set(kept.left, () => this.giveWay());
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
    { remark = '', request = numberRequest() } = {},
  ): Promise<void> {
    const [first] = reversals;
    // Whoever signs out leaves nothing in this tab of what they have done.
    if (first === undefined || owner !== this.ports.getOwner()) return;
    const count = reversals.length + lostCount;
    const what = count === 1 ? `“${getName(first.id)}”` : formatCount(count, 'picture');
    await this.#offer({ reversals, what, lostCount, owner, remark, request });
  }

  /** Offers to undo the edit of some fields of one picture; returns whether there is anything to undo. */
  offerOne(before: Image, after: Image, names: readonly FieldName[], request = numberRequest()): boolean {
    const reversal = buildReversal(before, after, names);
    if (reversal === null) return false;
    const owner = this.ports.getOwner();
    const what = `“${after.name}”`;
    void this.#offer({ reversals: [reversal], what, lostCount: 0, owner, remark: '', request });
    return true;
  }

  async #offer(edit: Omit<UndoableEdit, 'id' | 'until'>): Promise<void> {
    const former = this.latest;
    if (former !== null && former.id !== this.#undoing && former.request > edit.request) return;
    const id = crypto.randomUUID();
    this.#set({ ...edit, id, until: Infinity });
    this.ports.onoffer(edit.request);
    const seconds = await this.ports.getSeconds().catch(() => 0);
    // Whoever has signed out meanwhile leaves nothing in this tab. An undo that has failed may have left less of it.
    if (this.#last?.id !== id || this.latest === null) return;
    this.#set({ ...this.#last, until: this.ports.clock.now() + 1000 * (seconds || DEFAULT_SECONDS) });
  }

  /**
   * Gives the pictures of an edit back what they had, but for those that somebody has changed since, and waits for the network as
   * long as it takes. `batch` has the ids of the edit. The rest is offered once more, unless another edit is by now.
   */
  async undo(batch: Batch, edit = this.latest): Promise<UndoneEdit> {
    if (edit === null || edit.owner !== this.ports.getOwner()) return { failures: [], rest: null };
    const sender = new ReversalSender(edit.reversals, this.ports.api, (images) =>
      this.ports.changes.noteCurrent(images),
    );
    this.#undoing = edit.id;
    const check = (): void => {
      // Nothing more is sent in the name of anybody else than whose edit it is.
      if (batch.isStopped || this.ports.getOwner() !== edit.owner) throw new DOMException('', 'AbortError');
    };
    const remainder = await batch.run((ids) => sender.send(ids, check), { isPatient: true });
    this.#undoing = null;
    const failures = [
      ...sender.failures,
      ...(remainder === null ? [] : listUnsent(sender.listLeft(remainder))),
    ];
    batch.failures = failures;
    this.undoCount++;
    // Its time may have become known meanwhile.
    const last = this.#last?.id === edit.id ? this.#last : null;
    const left = new Set(failures.map(({ id }) => id).filter((id) => !sender.isFinal(id)));
    const reversals = edit.reversals.filter(({ id }) => left.has(id));
    if (reversals.length === 0) {
      if (last !== null) this.dismiss();
      return { failures, rest: null };
    }
    const what = formatCount(reversals.length, 'picture');
    // Nothing takes it away, or its place in this tab, that was asked for before people could read of the failure.
    const request = numberRequest();
    const rest = { ...(last ?? edit), reversals, what, lostCount: 0, remark: '', request };
    if (last !== null) this.#set(rest);
    return { failures, rest };
  }

  /**
   * Its time is over, or another act is offered that was asked for after it. An edit whose undo has begun stays until that has
   * ended.
   */
  giveWay(request = Infinity): void {
    if (this.#last !== null && this.#last.id !== this.#undoing && this.#last.request < request)
      this.dismiss();
  }

  dismiss(): void {
    this.#timer.clear();
    this.#last = null;
    this.ports.kept.remove();
  }

  #set(edit: UndoableEdit): void {
    this.#last = edit;
    this.#timer.clear();
    if (edit.until === Infinity) return this.ports.kept.remove();
    const now = this.ports.clock.now();
    this.isKept = this.ports.kept.write(edit, now);
    this.#timer.set(Math.max(0, edit.until - now), () => this.giveWay());
  }
}
