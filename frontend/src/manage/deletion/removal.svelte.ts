import { announcer } from '../../app/announcer.svelte';
import { formatCount } from '../../app/format';
import { Batch } from '../batch/batch.svelte';
import type { Failure } from '../batch/send-in-chunks';
import type { Deletions } from './deletions.svelte';

/** What of the last act has failed. */
export interface Failed {
  failures: readonly Failure[];
  verb: 'deleted' | 'restored';
  names: ReadonlyMap<string, string>;
}

/** Deleting and restoring pictures of a list: progress, what has failed, and what is announced. The fields are reactive. */
export class Removal {
  failed = $state.raw<Failed | null>(null);
  /** Pictures that are being deleted, or were deleted last. */
  batch = $state.raw<Batch | null>(null);
  readonly isRunning = $derived(this.batch?.isRunning ?? false);
  readonly busy = $derived(new Set(this.isRunning ? this.batch?.ids : []));

  constructor(private readonly deletions: Deletions) {}

  /** Deletes pictures; returns the ids of those that are gone. `names` are by id. */
  async delete(ids: readonly string[], names: ReadonlyMap<string, string>): Promise<readonly string[]> {
    if (this.isRunning) return [];
    const batch = new Batch(ids);
    this.batch = batch;
    this.failed = null;
    const getName = (id: string): string => names.get(id) ?? '';
    const failures = await this.deletions.delete(batch, getName, { isPatient: true });
    if (failures.length > 0) this.failed = { failures, verb: 'deleted', names };
    const { done, changed } = batch;
    if (done.length > 0) announcer.announce(describeDeletion(changed.length, done.length - changed.length));
    return done;
  }

  /** Brings deleted pictures back. */
  async restore(ids: readonly string[], names: ReadonlyMap<string, string>): Promise<void> {
    this.failed = null;
    const batch = new Batch(ids);
    const failures = await this.deletions.restore(batch);
    if (batch.done.length > 0) announcer.announce(`${formatCount(batch.done.length, 'picture')} restored.`);
    if (failures.length > 0) this.failed = { failures, verb: 'restored', names };
  }
}

export function describeDeletion(deleted: number, gone: number): string {
  const sentences = [
    ...(deleted > 0 ? [`${formatCount(deleted, 'picture')} deleted. Control Z undoes it.`] : []),
    ...(gone > 0 ? [`${formatCount(gone, 'picture')} had already gone.`] : []),
  ];
  return sentences.join(' ');
}
