import { hasStatus } from '../../api/errors';
import type { Image } from '../../api/types';
import { announcer } from '../../app/announcer.svelte';
import { connection } from '../../app/connection.svelte';
import { pluralize } from '../../app/format';
import { describeError } from '../../app/messages';
import { t } from '../../app/texts';
import type { PictureChanges } from '../../pictures/picture-changes.svelte';
import type { PendingEdit } from '../../upload/keeping/pending-records';
import type { BatchEditApi } from '../batch/answers';
import { Batch, type Outcome } from '../batch/batch.svelte';
import { runBatchEdit } from '../batch/edit-batch';
import type { Remainder } from '../batch/send-in-chunks';
import { EditDraft } from '../edit/edit-draft.svelte';
import { saveEdit, type EditApi } from '../edit/save-edit';
import { readChanges } from '../fields/changes';
import { listLabels } from '../fields/fields';
import { formatValue } from '../fields/format-value';
import type { EditRecord } from '../reversal/edit-record';
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
  /** As it was typed: until somebody asks for it once more, it overwrites nothing, also where it is kept for another page. */
  readonly edit: PendingEdit;
  readonly reason: string;
  /** What is sent for somebody who has read the reason. */
  readonly again: PendingEdit;
}

const CHANGED_SINCE = t`The picture was changed meanwhile. “Save” changes it all the same.`;

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
  /** The edits of single pictures on top of what somebody else has saved, by their batches. */
  readonly #rebased = new WeakMap<Batch, PendingEdit>();

  constructor(private readonly ports: EditSenderPorts) {}

  /** Saves edits after those that are just being saved. Resolves once nothing is left to save. */
  async send(edits: readonly PendingEdit[]): Promise<void> {
    const { wait } = this.ports;
    const isFirst = !this.isRunning;
    this.#turns = [
      ...this.#turns,
      ...edits.map((edit) => ({ edit, batch: new Batch([...listPictures(edit).keys()], wait) })),
    ];
    if (isFirst) await this.#sendAll();
  }

  /** Saves what could not be saved, for somebody who has read why. */
  async sendAgain(): Promise<void> {
    const edits = this.failed.map(({ again }) => again);
    this.failed = [];
    await this.send(edits);
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
  }

  async #sendAll(): Promise<void> {
    const record = this.ports.edits.record(new Map());
    const names = new Map<string, string>();
    let request = 0;
    for (let turn = this.#current; turn !== null; turn = this.#current) {
      const remainder = await this.#send(turn, record);
      // Whoever wanted it has signed out.
      if (!this.#turns.includes(turn)) return;
      for (const [id, name] of listPictures(turn.edit)) names.set(id, name);
      request = turn.batch.request;
      this.#finish(turn);
      if (!hasStatus(remainder?.error, 401)) continue;
      this.ports.onrefused();
      const reason = describeError(remainder?.error);
      const rest = this.#turns.map(({ edit }) => ({ edit, reason, again: edit }));
      this.#turns = [];
      this.failed = [...this.failed, ...rest];
    }
    const saved = this.#saved;
    this.#saved = 0;
    if (saved > 0) announcer.announce(pluralize(saved, '# edit saved.', '# edits saved.'));
    void this.ports.edits.offer(record, (id) => names.get(id) ?? '', { request });
  }

  async #send({ edit, batch }: Turn, record: EditRecord): Promise<Remainder | null> {
    const { api, changes, getOwner } = this.ports;
    if ('image' in edit) return batch.run(() => this.#saveOne(edit, batch, record), { isPatient: true });
    const stale = new Set<string>();
    const remainder = await runBatchEdit(
      batch,
      edit.edit,
      edit.revisions === undefined ? api : fixRevisions(api, edit.revisions, record, stale),
      record,
      (images) => changes.noteCurrent(images),
      getOwner,
    );
    batch.failures = batch.failures.map((failure) =>
      stale.has(failure.id) ? { ...failure, reason: CHANGED_SINCE } : failure,
    );
    return remainder;
  }

  async #saveOne(
    { image, set }: Extract<PendingEdit, { image: Image }>,
    batch: Batch,
    record: EditRecord,
  ): Promise<Outcome[]> {
    const { editApi, changes, getOwner } = this.ports;
    const draft = new EditDraft(image);
    Object.assign(draft.values, readChanges(set));
    const { id } = image;
    for (;;) {
      // Nothing more is sent in the name of anybody else than whose edit it is.
      if (batch.isStopped || getOwner() !== record.owner) throw new DOMException('', 'AbortError');
      if (!draft.isChanged) return [{ id, reason: null }];
      const result = await saveEdit(editApi, draft);
      if (result.kind === 'saved') {
        changes.noteCurrent([result.image]);
        record.add(id, { before: result.before, after: result.image, names: result.changed });
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
  #finish({ edit, batch }: Turn): void {
    const again = this.#rebased.get(batch) ?? edit;
    this.#turns = this.#turns.filter((each) => each.batch !== batch);
    if (batch.failures.length === 0) {
      this.#saved += 1;
      return;
    }
    const reasons = [...new Set(batch.failures.map(({ reason }) => reason))];
    const failed = reasons.map((reason): FailedEdit => {
      const failures = batch.failures.filter((failure) => failure.reason === reason);
      const ids = new Set(failures.map(({ id }) => id));
      const left = restrict(again, ids);
      return {
        edit: restrict(edit, ids),
        reason,
        again: reason === CHANGED_SINCE ? forgetRevisions(left) : left,
      };
    });
    this.failed = [...this.failed, ...failed];
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

function forgetRevisions(edit: PendingEdit): PendingEdit {
  return 'image' in edit ? edit : { pictures: edit.pictures, edit: edit.edit };
}

/** Edits pictures only at these revisions, or at those to which the record has brought them since; `stale` gets the ids of those that are at other ones. */
function fixRevisions(
  api: BatchEditApi,
  revisions: ReadonlyMap<string, number>,
  record: EditRecord,
  stale: Set<string>,
): BatchEditApi {
  return {
    listUploadsById: (ids) => api.listUploadsById(ids),
    editImages: async (request) => {
      const fixed = request.ids.flatMap((id) => {
        const revision = revisions.get(id);
        return revision === undefined ? [] : [[id, record.follow(id, revision)] as const];
      });
      const answers = await api.editImages({
        ...request,
        revisions: { ...request.revisions, ...Object.fromEntries(fixed) },
      });
      for (const { id, error } of answers) if (error?.code === 'edited-meanwhile') stale.add(id);
      return answers;
    },
  };
}

/** The change may be one of the same person, as in another tab. */
function explainConflict(draft: EditDraft): string {
  const theirs = draft.conflicts
    .map((name) => `“${formatValue(name, draft.saved[name]) || t`nothing`}”`)
    .join(', ');
  const labels = listLabels(draft.conflicts);
  return t`This was changed meanwhile (${labels}): ${theirs}. “Save” puts yours in its place.`;
}
