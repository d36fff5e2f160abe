/** The page's upload queue, and what the page says about the queue as a whole. */
import { untrack } from 'svelte';
import { online } from 'svelte/reactivity/window';
import { ContributorClient } from '../../api/contributor-client';
import { CLIENT_OPTIONS, getConfig } from '../../app/api';
import { contributorApi } from '../../app/contributor-api';
import { announcer } from '../../app/announcer.svelte';
import { localClock, serverClock } from '../../app/clock';
import { pluralize } from '../../app/format';
import { removeKeptUndo } from '../../app/kept-undo';
import { pendingCounts } from '../../app/pending-counts';
import { router } from '../../app/router.svelte';
import { session } from '../../app/session.svelte';
import { locale, t } from '../../app/texts';
import { Throttled } from '../../app/throttled.svelte';
import { createHashWorkers } from '../hashing/hash-workers';
import { inspectFile } from '../selection/inspect';
import { DEFAULT_SETTINGS } from '../stage/ports';
import { sharedDraft } from '../draft/draft.svelte';
import { identifyChosen } from '../file/identity';
import type { OpenChoice } from '../file/open-choice';
import { describeEnd } from '../file/end';
import { findFailed, formatMissed } from '../file/groups';
import { countUnkept, RateMeter, sumProgress, type Progress } from '../file/progress';
import { countWaiting, describeWaiting } from '../file/waiting';
import { getReason, isUnsent, mayArrive } from '../file/state';
import { putFile } from '../sending/put';
import { createWakeLock } from '../sending/wake-lock';
import { CHANNEL, OtherTabs } from '../keeping/other-tabs.svelte';
import { getOwnPage, PageEnds } from '../keeping/page-ends';
import { PAGE_KEY } from '../keeping/page-key';
import type { Elsewhere, QueueKeeper } from '../keeping/queue-keeper.svelte';
import { Additions } from './additions.svelte';
import { UploadQueue } from './queue.svelte';
import { cancelForgottenRows, type ForgottenRows } from '../outcome/forgotten-rows';
import { SignOut, type Forgotten } from './sign-out.svelte';
import { SignOutWish } from './sign-out-wish';
import { isReadable } from '../selection/selected-files';
import type { ChosenFile } from '../selection/unopened-file';

/** Ms between two updates of the progress: it sums up all files, and their states change far more often than people read. */
const UPDATE_INTERVAL = 100;

export const queue = new UploadQueue({
  api: contributorApi,
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
  if (queue.items.some(({ state, isKept }) => isUnsent(state) && !isKept)) event.preventDefault();
});
// After these, a page may end without another word.
addEventListener('pagehide', () => {
  leaveField();
  monitor.save();
});
addEventListener('visibilitychange', () => {
  monitor.save();
  wakeLock?.handleVisibility();
});

/** The field for tags takes what was typed into it once it loses the focus. */
function leaveField(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

const wakeLock = createWakeLock();

/** Adds what somebody has chosen to the list. */
export const additions = new Additions({
  queue,
  getOwner: () => session.owner,
  leaveToOtherTabs,
  waitForOwnList: () => monitor.handover,
  onchosen: (choice) => void monitor.noteChoice(choice),
  onadded: () => void monitor.startKeeping(),
});

/** What nobody else uploads. Where nobody is signed in, it is not known whose files there are. */
async function leaveToOtherTabs(
  files: readonly ChosenFile[],
  owner: string | null,
): Promise<readonly ChosenFile[]> {
  if (owner === null) return files;
  const underWay = await import('../keeping/under-way-elsewhere').then(
    ({ findUnderWayElsewhere }) => findUnderWayElsewhere(owner),
    () => new Set<string>(),
  );
  return underWay.size === 0 ? files : files.filter((file) => !underWay.has(identifyChosen(file)));
}

/** Keeps the queue in this browser; null where the browser has nothing to keep it in. */
async function createKeeper(): Promise<QueueKeeper | null> {
  if (!('locks' in navigator)) return null;
  const [{ QueueKeeper }, { openQueueStore }, { DraftKeeper }] = await Promise.all([
    import('../keeping/queue-keeper.svelte'),
    import('../keeping/queue-store'),
    import('../keeping/draft-keeper'),
  ]);
  const page = crypto.randomUUID();
  const previousPage = sessionStorage.getItem(PAGE_KEY);
  const store = await openQueueStore();
  sessionStorage.setItem(PAGE_KEY, page);
  const getFreeBytes = async (): Promise<number> => {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return (quota - usage) / 2;
  };
  const drafts = new DraftKeeper(sharedDraft, {
    storage: localStorage,
    clock: localClock,
    page,
    getOwner: () => session.owner,
  });
  return new QueueKeeper(queue, {
    store,
    drafts,
    locks: navigator.locks,
    clock: localClock,
    page,
    previousPage,
    getFreeBytes,
    persist: async () => navigator.storage.persist(),
  });
}

/**
 * Ms after the end of a page in which the list is its tab's, which may just be loaded again. Afterwards it is that of another
 * open tab, of one that shows the upload page if there is one.
 */
const RELOAD_TIME = { upload: 2000, other: 4000 };

/** Which other pages have ended; null where the browser cannot tell, such as one that has no locks but their name. */
const pageEnds =
  'locks' in navigator && navigator.locks !== null
    ? new PageEnds({
        locks: navigator.locks,
        clock: localClock,
        getOwnPage,
        getDelay: () => RELOAD_TIME[router.route.name === 'upload' ? 'upload' : 'other'],
      })
    : null;

/** What other tabs upload; null where the browser cannot tell. */
export const otherTabs =
  'BroadcastChannel' in globalThis && pageEnds !== null
    ? new OtherTabs({ channel: new BroadcastChannel(CHANNEL), ends: pageEnds })
    : null;

/** Forgets for whoever has signed out what was still to be done. Where the browser keeps nothing, there is nothing to forget. */
function forgetPendingWork(owner: string): void {
  import('../keeping/find-pending').then(({ forgetPending }) => forgetPending(owner)).catch(() => undefined);
}

/** What the page shows and announces about the queue as a whole. */
class UploadMonitor {
  /** Bytes a second. */
  rate = $state(0);
  /** Keeps the queue when the page is closed; null until files are chosen or come back, or where that cannot be. */
  keeper = $state.raw<QueueKeeper | null>(null);
  #keeping: Promise<void> | null = null;
  #handover: Promise<unknown> = Promise.resolve();
  readonly #progress = new Throttled(
    () => queue.summarise((items) => ({ ...sumProgress(items), starts: queue.starts })),
    UPDATE_INTERVAL,
  );
  readonly #meter = new RateMeter();
  #wasActive = false;
  #starts = 0;
  #lastOwner = session.owner;

  constructor() {
    pageEnds?.listen((page) => void this.#takeUp(page).catch(() => undefined));
    $effect.root(() => {
      $effect(() => this.#handleProgress(this.#progress.value));
      $effect(() => wakeLock?.want(this.isSending));
      $effect(() => {
        const { owner } = session;
        void session.signIns;
        untrack(() => {
          if (owner !== null) this.#resume(owner);
          else this.#suspend();
        });
      });
      // Every page with somebody's sign-in loads this script, and the button “Sign out” is in it.
      $effect(() => {
        const owner = session.token === null ? null : session.owner;
        if (owner === null || owner !== this.#lastOwner) {
          removeKeptUndo();
          if (this.#lastOwner !== null) forgetPendingWork(this.#lastOwner);
        }
        this.#lastOwner = owner;
      });
      $effect(() => {
        const { isEmpty } = sharedDraft;
        void sharedDraft.keepsCaptions;
        void sharedDraft.typedTag;
        // Whoever signs in owns what was typed before.
        void session.owner;
        untrack(() => void this.#keepDraft(isEmpty));
      });
      $effect(() => {
        const { owner } = session;
        const isNewTab = sessionStorage.getItem(PAGE_KEY) === null;
        if (owner !== null || !isNewTab) untrack(() => void this.#adopt(owner));
      });
      $effect(() => {
        if (this.keeper !== null)
          otherTabs?.tell(this.keeper.page, this.#mayUpload ? this.progress.active : 0);
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

  /** What stands beside the link to the upload page, and what it is called; null when there is nothing to say. */
  get badge(): { text: string; label: string } | null {
    const { active, done, total, counts } = this.progress;
    const { failed } = counts;
    const failures = failed > 0 ? `⚠\ufe0e ${failed.toLocaleString(locale)}` : '';
    const waiting = session.isSignedIn ? 0 : countWaiting(this.progress, this.sending);
    if (waiting > 0) {
      return {
        text: [pluralize(waiting, '# waits', '# wait'), failures].filter(Boolean).join(' '),
        label: [describeWaiting(waiting), formatMissed(counts)].filter(Boolean).join(' · '),
      };
    }
    if (active + failed === 0) return null;
    return {
      text: [active > 0 ? `${done}/${total}` : '', failures].filter(Boolean).join(' '),
      label: [t`${done} of ${total} uploads done`, formatMissed(counts)].filter(Boolean).join(' · '),
    };
  }

  /** How many files have not been uploaded, and only go on if somebody does something, with those that are just being added. */
  get waiting(): number {
    const { counts, staged, retryable } = this.progress;
    return staged + counts.missing + retryable + additions.coming;
  }

  /** How many files go to storage without the library being asked again, also where it has refused the sign-in. */
  get sending(): number {
    const isStopped = queue.isHalted || queue.pause?.kind === 'signed-out' || online.current === false;
    return isStopped ? 0 : this.progress.ticketed;
  }

  /** Whether files are on their way, and nothing keeps them from going on. */
  get isSending(): boolean {
    const unsent = this.#mayUpload ? this.progress.unsent : this.sending;
    return unsent > 0 && online.current !== false && queue.outage === null;
  }

  /** Keeps the files in the list, and those that will be chosen, beyond the page's life. */
  startKeeping(): Promise<void> {
    this.#keeping ??= createKeeper().then(
      (keeper) => {
        this.keeper = queue.listener = keeper;
        for (const item of queue.items) keeper?.handleChange(item);
      },
      // A browser can forbid it, and a page that cannot be loaded in full works all the same.
      () => undefined,
    );
    return this.#keeping;
  }

  /** Keeps how many files were chosen, so that a crash before all of them are kept is not passed over in silence. */
  async noteChoice(choice: OpenChoice): Promise<void> {
    if (this.keeper === null) await this.startKeeping();
    await this.keeper?.noteChoice(choice);
  }

  /** Writes what the next page needs and is not written yet. */
  save(): void {
    this.keeper?.drafts.save();
    void this.keeper?.flush();
  }

  /** Whether nobody has stopped the uploads, and whoever makes them is signed in. */
  get #mayUpload(): boolean {
    return !queue.isHalted && queue.pause === null;
  }

  async #keepDraft(isEmpty: boolean): Promise<void> {
    // Nothing is loaded before somebody has typed.
    if (this.keeper === null && isEmpty) return;
    await this.startKeeping();
    this.keeper?.saveDraftSoon();
  }

  /** Fulfilled once the list is no longer that of somebody who was signed in before. Never rejects. */
  get handover(): Promise<unknown> {
    return this.#handover;
  }

  #resume(owner: string): void {
    if (queue.owner === null || queue.owner === owner) queue.resume(owner);
    else this.#handover = this.#replace(owner, queue.owner).catch(() => undefined);
  }

  /** Goes on with an empty list. The photos of the person before wait for that person, as after a sign-out. */
  async #replace(owner: string, previous: string): Promise<void> {
    leaveField();
    queue.suspend();
    const isWanted = (): boolean => session.owner === previous;
    if (this.keeper === null) await this.startKeeping();
    await this.#putAway(isWanted);
    // Meanwhile that person may have come back, or nobody be signed in.
    if (session.owner !== owner || queue.owner === owner) return;
    if (queue.owner !== null) {
      // The browser keeps nothing: what is in the list goes on only if somebody asks for it, and with nobody's description.
      queue.halt();
      sharedDraft.clear();
    }
    queue.resume(owner);
  }

  /** Whoever uses the page next does not see the photos of somebody who has signed out. */
  #suspend(): void {
    queue.suspend();
    if (queue.owner === null) return;
    leaveField();
    const putAway = () => this.#putAway(() => session.owner !== null);
    if (this.keeper === null) sharedDraft.clear();
    const isAway = this.keeper === null ? this.startKeeping().then(putAway) : putAway();
    this.#handover = isAway.catch(() => undefined);
  }

  /** Takes the list away once all files are in it that its owner has chosen. */
  async #putAway(isWanted: () => boolean): Promise<void> {
    const isWhole = additions.coming > 0 ? additions.done : null;
    if (this.keeper === null) await isWhole;
    else await this.keeper.putAway(isWanted, isWhole);
  }

  async #adopt(owner: string | null): Promise<void> {
    await this.startKeeping();
    if (this.keeper === null) return;
    await this.keeper.adopt(owner);
    await pageEnds?.followAll().catch(() => undefined);
    await this.keeper.returned;
    // While the files came back, somebody else may have signed in.
    if (owner !== null && queue.owner === owner && session.owner === owner) signOut.takeUp();
  }

  /** Goes on with what a page has left that has ended, as it does when it is loaded. */
  async #takeUp(page: string): Promise<void> {
    const { owner } = session;
    if (owner === null || queue.owner !== owner) return;
    if ((await this.keeper?.takeUp(page, owner)) === false) pageEnds?.follow(page);
  }

  #handleProgress(progress: Progress & { starts: number }): void {
    const { active, sentBytes, starts } = progress;
    const mayFlow = this.#mayUpload || this.sending > 0;
    const isFlowing = active > 0 && mayFlow && online.current !== false;
    if (!isFlowing) this.#meter.restart();
    this.rate = isFlowing ? this.#meter.add(sentBytes, Date.now()) : 0;
    // An upload may be over before its progress has been looked at: somebody has cancelled it at once.
    const wasActive = this.#wasActive || starts > this.#starts;
    const end = wasActive && active === 0 ? describeEnd(progress) : '';
    if (end !== '') announcer.announce(end);
    this.#starts = starts;
    this.#wasActive = active > 0;
  }
}

export const monitor = new UploadMonitor();

// Photos of somebody who has signed out, or whose sign-in has run out, wait for that person: another tab in which
// somebody else signs in does not have them uploaded in the wrong name.
session.mayFollow = (owner) => queue.mayBecomeOf(owner);

/** Files under way. A row that stays behind would become a picture once its file has arrived. */
function countActive({ active, counts }: Progress): number {
  return active + counts.cancelling;
}

const NOTHING_ELSEWHERE: Elsewhere = { count: 0, ids: [], areAll: true };

/** What other tabs have for whoever is signed in. What a browser forbids to keep is nowhere. */
async function listElsewhere(owner = session.owner): Promise<Elsewhere> {
  try {
    return (owner === null ? null : await monitor.keeper?.listElsewhere(owner)) ?? NOTHING_ELSEWHERE;
  } catch {
    return NOTHING_ELSEWHERE;
  }
}

/** Gives the files of this tab up. Returns the rows that the library has for them. */
function forgetList(): ForgottenRows {
  additions.forget();
  const rows = queue.forget();
  sharedDraft.clear();
  monitor.save();
  return rows;
}

/** The API for whoever is signed in now, also after the sign-out: what is forgotten is still cancelled in their name. */
function createLastingApi(): ContributorClient {
  const { token } = session;
  return new ContributorClient({ ...CLIENT_OPTIONS, getToken: () => token });
}

async function forget(): Promise<Forgotten> {
  const { owner } = session;
  const api = createLastingApi();
  const own = forgetList();
  const others = listElsewhere(owner);
  const later = Promise.all([own.later, others]).then(([created, listed]) => ({
    ids: [...(created?.ids ?? []), ...listed.ids],
    areAll: (created?.areAll ?? true) && listed.areAll,
  }));
  const rows = cancelForgottenRows({ ids: own.ids, later }, api, localClock, DEFAULT_SETTINGS.cancelSize);
  const { count } = await others;
  if (owner !== null) {
    // They write nothing after this page has looked.
    otherTabs?.forget(owner);
    await monitor.keeper?.forgetOwner(owner).catch(() => undefined);
  }
  return { elsewhere: count, rows: await rows };
}

// Whoever forgets everything in another tab is signed out here, too: this tab may have a sign-in of its own.
if (otherTabs !== null)
  otherTabs.onforget = (owner) => {
    if (queue.owner === owner) {
      const api = createLastingApi();
      void cancelForgottenRows(forgetList(), api, localClock, DEFAULT_SETTINGS.cancelSize);
    }
    if (session.owner === owner) session.signOut();
    void monitor.keeper?.forgetOwner(owner).catch(() => undefined);
  };

export const signOut = new SignOut(
  session,
  {
    // The sums that people see may be a moment old: whoever tries failed files again must not be told at once that they failed.
    countActive: () => countActive(monitor.progress) || untrack(() => countActive(sumProgress(queue.items))),
    countWaiting: () => monitor.waiting,
    countUnkept: () => countUnkept(queue.items),
    countRetryable: () => findFailed(queue.items).filter(({ state }) => mayArrive(state)).length,
    countUndeleted: () => pendingCounts.deletions(),
    countUnsaved: () => pendingCounts.edits(),
    countMissing: () =>
      queue.items.filter(({ state, isStarted }) => isStarted && state.name === 'missing').length,
    listLost: () =>
      findFailed(queue.items)
        .filter(({ state }) => !mayArrive(state))
        .map(({ name, state }) => ({ name, detail: getReason(state)?.detail ?? '' })),
    finish: () => {
      queue.goOn();
      queue.retryFailed();
    },
    keep: () => queue.retryFailed(),
    countElsewhere: async () => (await listElsewhere()).count,
    forget,
  },
  localClock,
  new SignOutWish(sessionStorage),
);
