/** The page's upload queue, and what the page says about the queue as a whole. */
import { untrack } from 'svelte';
import { api, getConfig } from '../../app/api';
import { announcer } from '../../app/announcer.svelte';
import { serverClock } from '../../app/clock';
import { formatCount } from '../../app/format';
import { session } from '../../app/session.svelte';
import { Throttled } from '../../app/throttled.svelte';
import { createHashWorkers } from '../hashing/hash-workers';
import { inspectFile } from '../selection/inspect';
import { LostFiles } from '../selection/lost-files';
import { DEFAULT_SETTINGS } from '../stage/ports';
import { RateMeter, sumProgress, type Progress } from '../file/progress';
import { putFile } from '../sending/put';
import { UploadQueue } from './queue.svelte';
import { SignOut } from './sign-out.svelte';
import { isReadable } from '../selection/selected-files';

/** Ms between two updates of the progress: it sums up all files, and their states change far more often than people read. */
const UPDATE_INTERVAL = 100;

export const queue = new UploadQueue({
  api,
  put: putFile,
  hash: createHashWorkers(DEFAULT_SETTINGS.hashers),
  inspect: async (file) => inspectFile(file, await getConfig()),
  clock: serverClock,
  random: Math.random,
  isOnline: () => navigator.onLine,
  isReadable,
});

addEventListener('online', () => queue.skipDelays());
addEventListener('beforeunload', (event) => {
  if (queue.hasUnsentFiles) event.preventDefault();
});

/** Adds chosen files to the queue, and announces it. */
export function addFiles(files: readonly File[]): void {
  const added = queue.add(files);
  if (added.length > 0) monitor.forgetLostFiles();
  if (files.length === 0) announcer.announce('No files were found in there.');
  else if (added.length === 0) announcer.announce('These photos are in the list already.');
  else announcer.announce(`${formatCount(added.length, 'photo')} added to the list.`);
}

/** What the page shows and announces about the queue as a whole. */
class UploadMonitor {
  /** Bytes a second. */
  rate = $state(0);
  /** Files that the page had not sent when it was loaded again; 0 once somebody has read that, or chosen files. */
  lost = $state(0);
  readonly #lostFiles = new LostFiles(sessionStorage);
  readonly #progress = new Throttled(() => sumProgress(queue.items), UPDATE_INTERVAL);
  readonly #meter = new RateMeter();
  #wasActive = false;

  constructor() {
    this.lost = this.#lostFiles.count;
    $effect.root(() => {
      $effect(() => this.#lostFiles.record(this.lost + this.progress.unsent));
      $effect(() => this.#handleProgress(this.progress));
      $effect(() => {
        const { owner } = session;
        void session.signIns;
        untrack(() => {
          if (owner === null) queue.suspend();
          else queue.resume(owner);
        });
      });
      $effect(() => {
        // Untracked: a token that somebody signs in with later is another one, which nobody has refused.
        if (queue.pause?.kind === 'sign-in') untrack(() => session.refuse());
      });
    });
  }

  get progress(): Progress {
    return this.#progress.value;
  }

  forgetLostFiles(): void {
    this.lost = 0;
  }

  #handleProgress({ active, sentBytes, counts }: Progress): void {
    this.rate = active > 0 ? this.#meter.add(sentBytes, Date.now()) : 0;
    if (this.#wasActive && active === 0) {
      const { ready, duplicate, failed, rejected } = counts;
      const failures = failed > 0 ? `, ${formatCount(failed, 'photo')} failed` : '';
      const refusals = rejected > 0 ? `, ${formatCount(rejected, 'file')} not taken` : '';
      announcer.announce(`${formatCount(ready + duplicate, 'photo')} ready${failures}${refusals}.`);
    }
    this.#wasActive = active > 0;
  }
}

export const monitor = new UploadMonitor();

export const signOut = new SignOut(session, () => monitor.progress.active);
