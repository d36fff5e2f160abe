import { announcer } from '../../app/announcer.svelte';
import { formatCount } from '../../app/format';
import { locale } from '../../app/texts';
import { Batch } from '../batch/batch.svelte';
import type { Failure } from '../batch/send-in-chunks';
import type { Deletions } from './deletions.svelte';

/** What of the last act has failed. */
export interface Failed {
  failures: readonly Failure[];
  verb: 'deleted' | 'restored';
  names: ReadonlyMap<string, string>;
}

/**
 * Deleting and restoring pictures of a list: progress, what has failed, and what is announced. Deletions are carried out one after
 * another. The fields are reactive.
 */
export class Removal {
  failed = $state.raw<Failed | null>(null);
  /** How many times pictures were deleted. */
  count = $state(0);
  /** The deletion that is under way, and those that come after it. */
  #batches = $state.raw<readonly Batch[]>([]);
  readonly batch = $derived(this.#batches[0] ?? null);
  readonly isRunning = $derived(this.batch !== null);
  /** Whether it ends as soon as the request that is on its way is answered. */
  readonly isStopped = $derived(this.isRunning && this.#batches.every(({ isStopped }) => isStopped));
  readonly busy = $derived(new Set(this.#batches.flatMap(({ ids }) => ids)));
  /** Ends with the deletion that was asked for last. */
  #end: Promise<unknown> = Promise.resolve();

  constructor(private readonly deletions: Deletions) {}

  /**
   * Deletes pictures, after those that are just being deleted; returns the ids of those that are gone. `names` are by id.
   */
  async delete(ids: readonly string[], names: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const left = ids.filter((id) => !this.busy.has(id));
    if (left.length === 0) return [];
    if (!this.isRunning) this.failed = null;
    const batch = new Batch(left);
    this.#batches = [...this.#batches, batch];
    const done = this.#end.then(() => this.#delete(batch, names));
    this.#end = done;
    return done;
  }

  async #delete(batch: Batch, names: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const getName = (id: string): string => names.get(id) ?? '';
    const failures = await this.deletions.delete(batch, getName, { isPatient: true });
    // Whoever wanted it has signed out.
    if (!this.#batches.includes(batch)) return [];
    this.#batches = this.#batches.filter((each) => each !== batch);
    if (failures.length > 0) this.#addFailures(failures, names);
    const { done, changed } = batch;
    const offered = new Set(this.deletions.latest?.ids);
    const undoable = changed.filter((id) => offered.has(id)).length;
    if (done.length > 0) {
      this.count += 1;
      announcer.announce(describeDeletion(changed.length, done.length - changed.length, undoable));
    }
    return done;
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
    this.failed = null;
  }

  /** Brings deleted pictures back. */
  async restore(ids: readonly string[], names: ReadonlyMap<string, string>): Promise<void> {
    this.failed = null;
    const batch = new Batch(ids);
    const failures = await this.deletions.restore(batch);
    if (batch.done.length > 0) announcer.announce(`${formatCount(batch.done.length, 'picture')} restored.`);
    if (failures.length > 0) this.failed = { failures, verb: 'restored', names };
  }

  /** Adds what could not be deleted to what those deletions have left that were waiting together with it. */
  #addFailures(failures: readonly Failure[], names: ReadonlyMap<string, string>): void {
    const before = this.failed?.verb === 'deleted' ? this.failed : { failures: [], names: [] };
    this.failed = {
      failures: [...before.failures, ...failures],
      verb: 'deleted',
      names: new Map([...before.names, ...names]),
    };
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
