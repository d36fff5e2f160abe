import type { DeletionAnswer, Image, RestorationAnswer, Upload } from '../../api/types';
import { Timer, type Clock } from '../../app/clock';
import { formatCount } from '../../app/format';
import type { PictureChanges } from '../../pictures/picture-changes.svelte';
import { Batch, type Outcome } from '../batch/batch.svelte';
import { numberRequest } from '../batch/request-order';
import type { Failure } from '../batch/send-in-chunks';
import type { KeptAct } from '../undo/kept-act';

export interface DeletionPorts {
  api: {
    deleteImages(ids: string[]): Promise<DeletionAnswer[]>;
    restoreImages(ids: string[]): Promise<RestorationAnswer[]>;
    cancelUpload(id: string): Promise<void>;
    listUploadsById(ids: string[]): Promise<Upload[]>;
  };
  changes: PictureChanges;
  /** The server's clock, by which the time for a restoration ends. */
  clock: Clock;
  /** Who is signed in: nobody is offered to undo what another person has deleted. Reactive. */
  getOwner(): string | null;
  /** A deletion with this request is offered to be undone. */
  onoffer(request: number): void;
  /** Where the offer survives a reload. */
  kept: KeptAct<Deletion>;
}

/** What was deleted together, and can be undone together. */
export interface Deletion {
  ids: readonly string[];
  /** “photo.jpg”, “12 pictures”. */
  what: string;
  /** Server ms. */
  until: number;
  /** Who has deleted them. */
  owner: string | null;
  /** The number of the request for it; 0 for one from before a reload. */
  request: number;
}

/** Whether a stored value has what a restoration needs. */
export function isDeletion({ ids, what }: Partial<Deletion>): boolean {
  return Array.isArray(ids) && ids.length > 0 && typeof what === 'string';
}

/** A deleted picture with the moment (server ms) until which it can be restored; nothing where it cannot. */
function readEnd({ id, restorable_until }: DeletionAnswer | Upload): [id: string, end: number][] {
  const end = Date.parse(restorable_until ?? '');
  return Number.isNaN(end) ? [] : [[id, end]];
}

/** Why a picture was not restored; null when it was. */
const REASONS: Readonly<Record<RestorationAnswer['state'], string | null>> = {
  ready: null,
  hidden: null,
  'posted-again': 'You have uploaded the same photo again meanwhile.',
  gone: 'The time to restore the picture is over.',
};

/** Deletes pictures and brings them back. `latest` is the deletion that “Undo” is about. The fields are reactive. */
export class Deletions {
  #last = $state.raw<Deletion | null>(null);
  readonly #timer: Timer;
  /** How many restorations of the latest deletion are on their way: its time does not end meanwhile. */
  #undoing = 0;
  /** The pictures that were brought back last: another array each time. */
  restored = $state.raw<readonly string[]>([]);

  constructor(private readonly ports: DeletionPorts) {
    this.#timer = new Timer(ports.clock);
    const kept = ports.kept.read(ports.getOwner());
    if (kept !== null) this.#set({ ...kept.act, request: 0 }, kept.left);
  }

  get latest(): Deletion | null {
    return this.#last?.owner === this.ports.getOwner() ? this.#last : null;
  }

  /**
   * Deletes the pictures of a batch, and waits for the network as long as it takes; returns those that could not be deleted. One
   * that was gone already is none of them, and none of those that the batch has changed.
   */
  async delete(batch: Batch, getName: (id: string) => string): Promise<readonly Failure[]> {
    /** Until when (server ms) each picture that was deleted can be restored, by id. */
    const ends = new Map<string, number>();
    const owner = this.ports.getOwner();
    const note = (answers: readonly (DeletionAnswer | Upload)[]): void => {
      const restorable = answers.filter(({ state }) => state === 'deleted').flatMap(readEnd);
      for (const [id, end] of restorable) ends.set(id, end);
      const until = Math.min(...restorable.map(([, end]) => end));
      this.ports.changes.noteDeleted(
        restorable.map(([id]) => id),
        until,
      );
    };
    const deleteSome = async (ids: string[]): Promise<Outcome[]> => {
      // Nothing is deleted in the name of anybody else than who wanted it.
      if (this.ports.getOwner() !== owner) throw new DOMException('', 'AbortError');
      const answers = await this.ports.api.deleteImages(ids);
      note(answers);
      const gone = answers.filter(({ state }) => state === 'gone').map(({ id }) => id);
      this.ports.changes.noteDeleted(gone, 0);
      return answers.map(({ id, state }): Outcome => ({ id, reason: null, isUnchanged: state === 'gone' }));
    };
    const remainder = await batch.run(deleteSome, { isPatient: true });
    if (remainder !== null && remainder.unanswered.length > 0 && this.ports.getOwner() === owner) {
      const deleted = await this.#findDeleted(remainder.unanswered);
      note(deleted);
      batch.settle(deleted.map(({ id }): Outcome => ({ id, reason: null })));
    }
    // Of a deletion that has waited for long, the time of the first pictures may be over.
    const now = this.ports.clock.now();
    const restorable = [...ends].filter(([, end]) => end > now);
    const ids = restorable.map(([id]) => id);
    const [first] = ids;
    if (first !== undefined) {
      const what = ids.length === 1 ? `“${getName(first)}”` : formatCount(ids.length, 'picture');
      const until = restorable.reduce((least, [, end]) => Math.min(least, end), Infinity);
      this.#offer({ ids, what, until, owner, request: batch.request });
    }
    return batch.failures;
  }

  /** Those of the pictures that are deleted, as far as the library answers. */
  async #findDeleted(ids: string[]): Promise<Upload[]> {
    const uploads = await this.ports.api.listUploadsById(ids).catch((): Upload[] => []);
    return uploads.filter(({ state }) => state === 'deleted');
  }

  /**
   * Forgets an upload that has not become a picture; returns whether it can be restored. It can if it was a picture before,
   * and failed when it was to be shown again.
   */
  async forget(id: string, name: string): Promise<boolean> {
    const owner = this.ports.getOwner();
    const request = numberRequest();
    await this.ports.api.cancelUpload(id);
    // It is forgotten, whether or not the library says what has become of it.
    const [upload] = await this.ports.api.listUploadsById([id]).catch((): Upload[] => []);
    const until = Date.parse((upload?.state === 'deleted' && upload.restorable_until) || '');
    if (Number.isNaN(until)) return false;
    this.ports.changes.noteDeleted([id], until);
    this.#offer({ ids: [id], what: `“${name}”`, until, owner, request });
    return true;
  }

  /**
   * Brings the pictures of a batch back; resolves to those that could not be restored. `isPatient`: it waits for the network as
   * long as it takes. Those of the latest deletion that no request has reached can still be undone.
   */
  async restore(batch: Batch, { isPatient = false } = {}): Promise<readonly Failure[]> {
    const { latest } = this;
    const owner = this.ports.getOwner();
    const answered = new Set<string>();
    const isUndo = latest?.ids.some((id) => batch.ids.includes(id)) ?? false;
    if (isUndo) this.#undoing += 1;
    const restoreSome = async (ids: string[]): Promise<Outcome[]> => {
      // Nothing more is sent in the name of anybody else than whose pictures these are.
      if (this.ports.getOwner() !== owner) throw new DOMException('', 'AbortError');
      const answers = await this.ports.api.restoreImages(ids);
      const images = answers.flatMap(({ image }): Image[] => (image ? [image] : []));
      const gone = answers.filter(({ state }) => REASONS[state] !== null).map(({ id }) => id);
      this.ports.changes.noteCurrent(images);
      this.ports.changes.noteDeleted(gone, 0);
      for (const { id } of answers) answered.add(id);
      return answers.map(({ id, state }): Outcome => ({ id, reason: REASONS[state] }));
    };
    await batch.run(restoreSome, { isPatient });
    this.restored = [...batch.done];
    if (isUndo) this.#undoing -= 1;
    if (isUndo && this.#last !== null) this.#offerRest(this.#last, answered);
    return batch.failures;
  }

  /** Offers to undo what is left of a deletion after some of its pictures, or none, were restored. */
  #offerRest(deletion: Deletion, restored: ReadonlySet<string>): void {
    const ids = deletion.ids.filter((id) => !restored.has(id));
    if (ids.length === 0) this.dismiss();
    else if (ids.length === deletion.ids.length) this.#keep(deletion);
    else this.#keep({ ...deletion, ids, what: formatCount(ids.length, 'picture') });
  }

  /** Takes the offer to undo away. The pictures can still be restored from the list. */
  dismiss(): void {
    this.#timer.clear();
    this.#last = null;
    this.ports.kept.remove();
  }

  /** Takes the offer away where another act is offered that was asked for after it. */
  giveWay(request: number): void {
    if (this.#last !== null && this.#last.request < request) this.dismiss();
  }

  #offer(deletion: Deletion): void {
    // Whoever has signed out leaves nothing in this tab.
    if (this.ports.getOwner() !== deletion.owner) return;
    // The list of deleted pictures has those of an older request all the same.
    const { latest } = this;
    if (latest !== null && this.#undoing === 0 && latest.request > deletion.request) return;
    this.#keep(deletion);
    this.ports.onoffer(deletion.request);
  }

  #keep(deletion: Deletion): void {
    const now = this.ports.clock.now();
    this.#set(deletion, Math.max(0, deletion.until - now));
    // Where there is no room for it, the list of deleted pictures has them all the same.
    this.ports.kept.write(deletion, now);
  }

  #set(deletion: Deletion, left: number): void {
    this.#last = deletion;
    this.#timer.set(left, () => {
      // An undo that has begun goes on, and sets the timer again.
      if (this.#undoing === 0) this.dismiss();
    });
  }
}
