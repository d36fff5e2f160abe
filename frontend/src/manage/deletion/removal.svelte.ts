import { announcer } from '../../app/announcer.svelte';
import { connection } from '../../app/connection.svelte';
import { formatCount } from '../../app/format';
import { locale } from '../../app/texts';
import { Batch } from '../batch/batch.svelte';
import type { Failure } from '../batch/send-in-chunks';
import type { Deletions } from './deletions.svelte';

/** What could not be deleted, or not be restored. */
export interface Failed {
  failures: readonly Failure[];
  verb: 'deleted' | 'restored';
  names: ReadonlyMap<string, string>;
}

/**
 * Deleting and restoring pictures: progress, what has failed, and what is announced. Deletions are carried out one after
 * another. The fields are reactive.
 */
export class Removal {
  /** At most one of each kind. */
  failed = $state.raw<readonly Failed[]>([]);
  /** How many times pictures were deleted. */
  count = $state(0);
  /** What was announced of the deletion that has ended last. */
  outcome = '';
  /** The deletion that is under way, and those that come after it. */
  #batches = $state.raw<readonly Batch[]>([]);
  readonly batch = $derived(this.#batches[0] ?? null);
  readonly isRunning = $derived(this.batch !== null);
  /** Whether it ends as soon as the request that is on its way is answered. */
  readonly isStopped = $derived(this.isRunning && this.#batches.every(({ isStopped }) => isStopped));
  /** Whether it waits for the connection. */
  readonly isAway = $derived(this.isRunning && ((this.batch?.isAway ?? false) || connection.isLost));
  readonly busy = $derived(new Set(this.#batches.flatMap(({ ids }) => ids)));
  /** What the pictures of each deletion are called, by id. */
  readonly #names = new WeakMap<Batch, ReadonlyMap<string, string>>();
  /** The names, by id, of the pictures that are still to be deleted: no answer has come to them, and they are not stopped. */
  readonly left: ReadonlyMap<string, string> = $derived(
    new Map(
      this.#batches
        .filter(({ isStopped }) => !isStopped)
        .flatMap((batch) => batch.ids.slice(batch.sent).map((id) => [id, this.#getName(batch, id)])),
    ),
  );
  /** Ends with the deletion that was asked for last. */
  #end: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly deletions: Deletions,
    /** How many of these pictures Control+Z brings back now. */
    private readonly countRestorable: (ids: readonly string[]) => number,
  ) {}

  /**
   * Deletes pictures, after those that are just being deleted; returns the ids of those that are gone. `names` are by id.
   */
  async delete(ids: readonly string[], names: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const left = ids.filter((id) => !this.busy.has(id));
    if (left.length === 0) return [];
    this.failed = this.isRunning ? this.#listOtherFailures(left) : [];
    const batch = new Batch(left);
    this.#names.set(batch, names);
    this.#batches = [...this.#batches, batch];
    const done = this.#end.then(() => this.#delete(batch, names));
    this.#end = done;
    return done;
  }

  async #delete(batch: Batch, names: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const failures = await this.deletions.delete(batch, (id) => this.#getName(batch, id));
    // Whoever wanted it has signed out.
    if (!this.#batches.includes(batch)) return [];
    this.#batches = this.#batches.filter((each) => each !== batch);
    this.#addFailures('deleted', failures, names);
    const { done, changed } = batch;
    if (done.length > 0) {
      this.count += 1;
      const restorable = this.countRestorable(changed);
      this.outcome = describeDeletion(changed.length, done.length - changed.length, restorable);
      announcer.announce(this.outcome);
    }
    return done;
  }

  #getName(batch: Batch, id: string): string {
    return this.#names.get(batch)?.get(id) ?? '';
  }

  /** Sends nothing more of what is to be deleted. */
  stop(): void {
    for (const batch of this.#batches) batch.stop();
  }

  /** Ends for whoever signs out: nothing more is deleted, also once the same person has signed in again. */
  forget(): void {
    this.stop();
    this.#batches = [];
    this.#end = Promise.resolve();
    this.failed = [];
  }

  /** Brings deleted pictures back. */
  async restore(ids: readonly string[], names: ReadonlyMap<string, string>): Promise<void> {
    this.failed = this.isRunning ? this.failed.filter(({ verb }) => verb === 'deleted') : [];
    const batch = new Batch(ids);
    const failures = await this.deletions.restore(batch);
    if (batch.done.length > 0) announcer.announce(`${formatCount(batch.done.length, 'picture')} restored.`);
    this.#addFailures('restored', failures, names);
  }

  /** What has failed, without deletions of these pictures. */
  #listOtherFailures(ids: readonly string[]): readonly Failed[] {
    const tried = new Set(ids);
    return this.failed
      .map((failed) =>
        failed.verb === 'deleted'
          ? { ...failed, failures: failed.failures.filter(({ id }) => !tried.has(id)) }
          : failed,
      )
      .filter(({ failures }) => failures.length > 0);
  }

  /** Adds what has failed to what those deletions have left that were waiting together with it. */
  #addFailures(verb: Failed['verb'], failures: readonly Failure[], names: ReadonlyMap<string, string>): void {
    if (failures.length === 0) return;
    const before = this.failed.find((failed) => failed.verb === verb);
    const added: Failed = {
      failures: [...(before?.failures ?? []), ...failures],
      verb,
      names: new Map([...(before?.names ?? []), ...names]),
    };
    this.failed = [...this.failed.filter((failed) => failed !== before), added];
  }
}

/** `undoable`: how many of the pictures that were deleted are offered to be undone. */
export function describeDeletion(deleted: number, gone: number, undoable = deleted): string {
  const sentences = [
    ...(deleted > 0 ? [describeDeleted(deleted, undoable)] : []),
    ...(gone > 0 ? [`${formatCount(gone, 'picture')} had already gone.`] : []),
  ];
  return sentences.join(' ');
}

function describeDeleted(deleted: number, undoable: number): string {
  const pictures = formatCount(deleted, 'picture');
  if (undoable === 0) return `${pictures} deleted.`;
  if (undoable === deleted) return `${pictures} deleted. Control Z undoes it.`;
  return `${pictures} deleted. Control Z brings ${undoable.toLocaleString(locale)} of them back.`;
}
