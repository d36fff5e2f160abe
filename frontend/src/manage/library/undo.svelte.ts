/** The undo of this page: what “Undo” is about, what is being undone, and what could not be. It ends with the sign-in. */
import { tick, untrack } from 'svelte';
import { announcer } from '../../app/announcer.svelte';
import { formatCount } from '../../app/format';
import { onNewOwner } from '../../app/new-owner.svelte';
import { Batch } from '../batch/batch.svelte';
import { numberRequest } from '../batch/request-order';
import type { Failure } from '../batch/send-in-chunks';
import { findLatestAct, leaveOut, type Act } from './acts';
import { deletions, edits, now } from './library';

/** An undo that has not reached all pictures. */
interface FailedUndo {
  act: Act;
  failures: readonly Failure[];
  /** What of its act can be tried again; null where there is nothing. */
  rest: Act | null;
  /** By `numberRequest`: an act with a later number replaces what is said of this failure. */
  request: number;
}

/** The fields are reactive. */
class Undo {
  /** The act that is being undone; null while none is. What is done meanwhile is offered afterwards. */
  running = $state.raw<{ act: Act; batch: Batch } | null>(null);
  #failed = $state.raw<FailedUndo | null>(null);

  /** Why the last undo has failed; null where it has not, or where an act that was asked for since is shown instead. */
  get problem(): string | null {
    const failed = this.#findFailed();
    if (failed === null) return null;
    const unknown = failed.failures.filter(({ isUnknown }) => isUnknown);
    const known = failed.failures.filter(({ isUnknown }) => !isUnknown);
    const sentences: string[] = [];
    if (known[0] !== undefined)
      sentences.push(
        `${failed.act.describeFailure(formatCount(known.length, 'picture'))}: ${known[0].reason}`,
      );
    if (unknown[0] !== undefined)
      sentences.push(
        `The undo of ${formatCount(unknown.length, 'picture')} may have been done all the same: ${unknown[0].reason}`,
      );
    return sentences.length === 0 ? null : sentences.join(' ');
  }

  /** What can be tried again. The timer that ends an offer may be late, as after a computer has slept. */
  get rest(): Act | null {
    const rest = this.#findFailed()?.rest ?? null;
    return rest !== null && now.current < rest.until ? rest : null;
  }

  /** The act that “Undo”, “Try again” and Control+Z are about, once nothing is being undone. */
  get offered(): Act | null {
    const latest = findLatestAct();
    return this.rest ?? (latest !== null && now.current < latest.until ? latest : null);
  }

  /** How many of these pictures, which were deleted, Control+Z brings back now. */
  countRestorable(ids: readonly string[]): number {
    const offered = this.running === null ? this.offered : null;
    if (offered === null || offered.deletion === null) return 0;
    const restorable = new Set(offered.ids);
    return ids.filter((id) => restorable.has(id)).length;
  }

  /** Whether Control+Z takes back the edit with this request now. */
  takesBack(request: number): boolean {
    const offered = this.running === null ? this.offered : null;
    return offered !== null && offered.deletion === null && offered.request === request;
  }

  /** Undoes what is offered; resolves to its act once the undo has ended, else to null. */
  async run(): Promise<Act | null> {
    const act = this.offered;
    if (act === null || this.running !== null) return null;
    this.#failed = null;
    const batch = new Batch(act.ids);
    this.running = { act, batch };
    const { failures, rest } = await act.undo(batch);
    if (this.running?.batch !== batch) return null;
    this.running = null;
    if (failures.length > 0) this.#failed = { act, failures, rest, request: numberRequest() };
    announcer.announce(this.problem ?? act.success);
    await tick();
    return act;
  }

  /** Takes away what is offered, and what is said of an undo that has failed. */
  dismiss(): void {
    if (this.running !== null) return;
    this.offered?.dismiss();
    this.#failed = null;
  }

  /** Forgets a failed undo once an act that was asked for since is offered. */
  dropFormer(): void {
    if (this.#findFailed() === null) this.#failed = null;
  }

  /** Takes pictures out of a failed undo that were restored otherwise, as from the list of deleted ones. */
  noteRestored(ids: readonly string[]): void {
    const failed = this.#failed;
    if (failed === null || failed.act.deletion === null) return;
    const restored = new Set(ids);
    const failures = failed.failures.filter(({ id }) => !restored.has(id));
    if (failures.length === failed.failures.length) return;
    const rest = failed.rest && leaveOut(failed.rest, restored);
    this.#failed = failures.length === 0 ? null : { ...failed, failures, rest };
  }

  /** Whoever signs out, or is followed by somebody else, leaves nothing in this tab of what they have done. */
  forget(): void {
    this.running?.batch.stop();
    this.running = null;
    this.#failed = null;
    edits.dismiss();
    deletions.dismiss();
  }

  #findFailed(): FailedUndo | null {
    const failed = this.#failed;
    return failed !== null && (findLatestAct()?.request ?? 0) > failed.request ? null : failed;
  }
}

export const undo = new Undo();

onNewOwner(() => undo.forget());

$effect.root(() => {
  $effect(() => {
    findLatestAct();
    untrack(() => undo.dropFormer());
  });
  $effect(() => {
    const { restored } = deletions;
    untrack(() => undo.noteRestored(restored));
  });
});
