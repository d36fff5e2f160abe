/** What is still to be done in this page, and was in pages that have ended: `PendingWork` with the browser and the session. */
import { tick } from 'svelte';
import { localClock } from '../../app/clock';
import { session } from '../../app/session.svelte';
import { getChannelName, type PendingKind, type PendingRecord } from '../../upload/keeping/pending-records';
import { openQueueStore } from '../../upload/keeping/queue-store';
import { PendingWork } from './pending-work.svelte';

const page = crypto.randomUUID();

/** Null where the browser cannot tell which pages have ended. */
export function createPendingWork(kind: PendingKind): PendingWork | null {
  if (!('locks' in navigator && 'BroadcastChannel' in globalThis)) return null;
  return new PendingWork(kind, {
    openStore: openQueueStore,
    locks: navigator.locks,
    channel: new BroadcastChannel(getChannelName(kind)),
    clock: localClock,
    page,
    getOwner: () => session.owner,
  });
}

/** The kinds of work that this page is just taking over. */
const takenOver = new Set<PendingWork>();

/**
 * Makes what is left of pages that have ended the work of this page: as far as somebody has been told of it, and unless it was
 * forgotten in another tab meanwhile. `begin` gets the records; what it begins has to be kept for this page by itself. Does
 * nothing for whoever asks again before it has begun.
 */
export async function takeOver(
  work: PendingWork | null,
  begin: (records: readonly PendingRecord[]) => void,
): Promise<void> {
  if (work === null || takenOver.has(work)) return;
  takenOver.add(work);
  try {
    const { owner } = session;
    const told = new Set(work.left.map(({ page: each }) => each));
    await work.look();
    if (session.owner !== owner) return;
    const records = work.left.filter(({ page: each }) => told.has(each));
    begin(records);
    // It is kept for this page before it is no longer kept for the one that has ended.
    await tick();
    await work.dismiss(records);
  } finally {
    takenOver.delete(work);
  }
}
