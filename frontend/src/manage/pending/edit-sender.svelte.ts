import { hasStatus } from '../../api/errors';
import type { Image } from '../../api/types';
import { announcer } from '../../app/announcer.svelte';
import { connection } from '../../app/connection.svelte';
import { pluralize } from '../../app/format';
import { t } from '../../app/texts';
import type { PictureChanges } from '../../pictures/picture-changes.svelte';
import type { PendingEdit } from '../../upload/keeping/pending-records';
import type { BatchEditApi } from '../batch/answers';
import { Batch, type Outcome } from '../batch/batch.svelte';
import { runBatchEdit } from '../batch/edit-batch';
import { listUnsent, type Remainder } from '../batch/send-in-chunks';
import { EditDraft } from '../edit/edit-draft.svelte';
import { saveEdit, type EditApi } from '../edit/save-edit';
import { readChanges } from '../fields/changes';
import { listLabels } from '../fields/fields';
import { formatValue } from '../fields/format-value';
import { buildReversal, type Reversal } from '../reversal/reversal';
import type { Edits } from '../undo/edits.svelte';
import { listPictures } from './describe-edit';

export interface EditSenderPorts {
  api: BatchEditApi;
  editApi: EditApi;
  changes: Pick<PictureChanges, 'noteCurrent'>;
  edits: Pick<Edits, 'record' | 'offer'>;
  /** Who is signed in. */
  getOwner(): string | null;
  /** The library has refused the sign-in. */
  onrefused(): void;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** An edit that could not be saved, and why. */
export interface FailedEdit {
  readonly edit: PendingEdit;
  readonly reason: string;
}

/** An edit whose turn comes, or that is under way. */
interface Turn {
  readonly edit: PendingEdit;
  readonly batch: Batch;
}

/**
 * Saves edits that were not saved when their page ended, one after another, and waits for the network as long as it takes. What
 * somebody else has changed since is not overwritten, unless the edit is sent once more after that was told. The fields are reactive.
 */
export class EditSender {
  failed = $state.raw<readonly FailedEdit[]>([]);
  #turns = $state.raw<readonly Turn[]>([]);
  readonly #current = $derived(this.#turns[0] ?? null);
  readonly isRunning = $derived(this.#current !== null);
  readonly isStopped = $derived(this.#current?.batch.isStopped ?? false);
  /** Whether it waits for the connection. */
  readonly isAway = $derived(this.isRunning && ((this.#current?.batch.isAway ?? false) || connection.isLost));
  /** What is still to be saved, and is not stopped. */
  readonly left: readonly PendingEdit[] = $derived(
    this.#turns.flatMap(({ edit, batch }) => (batch.isStopped ? [] : leaveOutFirst(edit, batch.sent))),
  );
  /** What is kept as long as it is neither saved nor discarded. */
  readonly unsaved: readonly PendingEdit[] = $derived([
    ...this.failed.map(({ edit }) => edit),
    ...this.#turns.flatMap(({ edit, batch }) => leaveOutFirst(edit, batch.sent)),
  ]);
  #saved = 0;
  /** What takes back the edits of single pictures that were saved since this was last offered. */
  #reversals: Reversal[] = [];
  readonly #names = new Map<string, string>();
  /** The edits on top of what somebody else has saved, by their batches. */
  readonly #rebased = new WeakMap<Batch, PendingEdit>();

  constructor(private readonly ports: EditSenderPorts) {}

  /** Saves edits after those that are just being saved. Resolves once nothing is left to save. */
  async send(edits: readonly PendingEdit[]): Promise<void> {
    const { wait } = this.ports;
    const sent = new Set(edits);
    this.failed = this.failed.filter(({ edit }) => !sent.has(edit));
    const isFirst = !this.isRunning;
    this.#turns = [
      ...this.#turns,
      ...edits.map((edit) => ({ edit, batch: new Batch([...listPictures(edit).keys()], wait) })),
    ];
    if (isFirst) await this.#sendAll();
  }

  /** Sends nothing more. What was not sent has failed then. */
  stop(): void {
    for (const { batch } of this.#turns) batch.stop();
  }

  /** Somebody does without what could not be saved. */
  discard(): void {
    this.failed = [];
  }

  /** Ends for whoever signs out: nothing more is saved, also once the same person has signed in again. */
  forget(): void {
    this.stop();
    this.#turns = [];
    this.failed = [];
    this.#saved = 0;
    this.#reversals = [];
  }

  async #sendAll(): Promise<void> {
    const owner = this.ports.getOwner();
    for (let turn = this.#current; turn !== null; turn = this.#current) {
      const remainder = await this.#send(turn, owner);
      // Whoever wanted it has signed out.
      if (!this.#turns.includes(turn)) return;
      this.#finish(turn);
      if (!hasStatus(remainder?.error, 401)) continue;
      this.ports.onrefused();
      const rest = this.#turns.map(({ edit, batch }) => ({
        edit,
        reason:
          listUnsent({ error: remainder?.error, ids: batch.ids.slice(0, 1), unanswered: [] })[0]?.reason ??
          '',
      }));
      this.#turns = [];
      this.failed = [...this.failed, ...rest];
    }
    this.#tell();
  }

  async #send({ edit, batch }: Turn, owner: string | null): Promise<Remainder | null> {
    const { api, changes, edits, getOwner } = this.ports;
    if ('image' in edit) return batch.run(() => this.#saveOne(edit, batch, owner), { isPatient: true });
    const record = edits.record(new Map());
    const remainder = await runBatchEdit(
      batch,
      edit.edit,
      api,
      record,
      (images) => changes.noteCurrent(images),
      getOwner,
    );
    const getName = (id: string): string => edit.pictures.get(id) ?? '';
    void edits.offer(record, getName, { request: batch.request });
    return remainder;
  }

  async #saveOne(
    { image, set }: Extract<PendingEdit, { image: Image }>,
    batch: Batch,
    owner: string | null,
  ): Promise<Outcome[]> {
    const { editApi, changes, getOwner } = this.ports;
    const draft = new EditDraft(image);
    Object.assign(draft.values, readChanges(set));
    const { id } = image;
    for (;;) {
      // Nothing more is sent in the name of anybody else than whose edit it is.
      if (batch.isStopped || getOwner() !== owner) throw new DOMException('', 'AbortError');
      if (!draft.isChanged) return [{ id, reason: null }];
      const result = await saveEdit(editApi, draft);
      if (result.kind === 'saved') {
        changes.noteCurrent([result.image]);
        const reversal = buildReversal(result.before, result.image, result.changed);
        if (reversal !== null) this.#reversals.push(reversal);
        this.#names.set(id, image.name);
        return [{ id, reason: null }];
      }
      if (result.kind === 'invalid') return [{ id, reason: Object.values(draft.errors).join(' ') }];
      if (draft.conflicts.length > 0) {
        this.#rebased.set(batch, { image: draft.base, set: draft.changes });
        return [{ id, reason: explainConflict(draft) }];
      }
    }
  }

  /** A turn has ended. */
  #finish(turn: Turn): void {
    const { batch } = turn;
    const edit = this.#rebased.get(batch) ?? turn.edit;
    this.#turns = this.#turns.filter((each) => each !== turn);
    if (batch.failures.length === 0) {
      this.#saved += 1;
      return;
    }
    const reasons = [...new Set(batch.failures.map(({ reason }) => reason))];
    const failed = reasons.map((reason): FailedEdit => {
      const failures = batch.failures.filter((failure) => failure.reason === reason);
      return { edit: restrict(edit, new Set(failures.map(({ id }) => id))), reason };
    });
    this.failed = [...this.failed, ...failed];
  }

  #tell(): void {
    const saved = this.#saved;
    this.#saved = 0;
    if (saved > 0) announcer.announce(pluralize(saved, '# edit saved.', '# edits saved.'));
    const reversals = this.#reversals;
    this.#reversals = [];
    const owner = this.ports.getOwner();
    void this.ports.edits.offer({ reversals, lostCount: 0, owner }, (id) => this.#names.get(id) ?? '');
  }
}

/** What is left of an edit once so many of its pictures have been answered; empty where that is all. */
function leaveOutFirst(edit: PendingEdit, count: number): PendingEdit[] {
  if (count === 0) return [edit];
  const ids = [...listPictures(edit).keys()].slice(count);
  return ids.length === 0 ? [] : [restrict(edit, new Set(ids))];
}

function restrict(edit: PendingEdit, ids: ReadonlySet<string>): PendingEdit {
  if ('image' in edit) return edit;
  return { ...edit, pictures: new Map([...edit.pictures].filter(([id]) => ids.has(id))) };
}

function explainConflict(draft: EditDraft): string {
  const theirs = draft.conflicts.map((name) => `“${formatValue(name, draft.saved[name])}”`).join(', ');
  const labels = listLabels(draft.conflicts);
  return t`Somebody else has changed this meanwhile (${labels}): ${theirs}. “Save” puts yours in its place.`;
}
