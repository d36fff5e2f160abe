/**
 * Signing out while photos are under way, wait, or have failed: asks whether they are finished before, kept in this browser for
 * later, or forgotten. Whoever wants them finished is asked again when some have failed that may be tried again, and signed out
 * nevertheless if nobody answers. A sign-out ends deletions that wait, and loses edits that are not saved, and so asks before,
 * too. What has failed for good keeps nobody signed in: the page names it after the sign-out. A sign-out that comes from another
 * tab asks nothing, and keeps the photos.
 */
import { untrack } from 'svelte';
import { Timer, type Clock } from '../../app/clock';
import type { RowsOutcome } from '../outcome/forgotten-rows';
import type { SignOutWish } from './sign-out-wish';

export type SignOutAnswer = 'stay' | 'finish' | 'keep' | 'forget';

/** What it needs of the session. Owner and token are reactive. */
interface EndableSession {
  readonly owner: string | null;
  readonly token: string | null;
  /** Whether the token has taken the place of one that was about to run out. */
  readonly isRenewed: boolean;
  /** Whether other tabs may have renewed the token. */
  readonly isShared: boolean;
  signOut(): void;
}

/** A photo that has failed, and that trying again does not help. */
export interface LostPhoto {
  readonly name: string;
  /** Why, as a text for people. */
  readonly detail: string;
}

/** What it needs of the photos. The counts are reactive. */
interface Photos {
  countActive(): number;
  /** How many have not been uploaded, and are not under way; with those that have failed and may be tried again. */
  countWaiting(): number;
  /** How many of those that are under way or wait have to be chosen again, as the browser has no way to them. */
  countUnkept(): number;
  /** How many have failed, and may arrive if they are tried again. */
  countRetryable(): number;
  /** How many were begun, and cannot go on by themselves in this page. */
  countMissing(): number;
  /** How many pictures are still to be deleted, which ends with the sign-out. */
  countUndeleted(): number;
  /** How many edits of pictures are not saved, which are lost with the sign-out. */
  countUnsaved(): number;
  /** Those that have failed for good. */
  listLost(): readonly LostPhoto[];
  /** Ends a pause, and tries those again that have failed. */
  finish(): void;
  /** Has those tried again that have failed, once their owner is back. */
  keep(): void;
  /** How many photos of the same person other tabs have that are not done, or have left. Never rejects. */
  countElsewhere(): Promise<number>;
  /** Removes all that the browser keeps for the person, also in other tabs, and has the library told. Never rejects. */
  forget(): Promise<Forgotten>;
}

/** What was forgotten beside the list of this tab. */
export interface Forgotten {
  /** How many photos other tabs had. */
  readonly elsewhere: number;
  /** Null where the library knows of nothing that has not arrived. */
  readonly rows: RowsOutcome | null;
}

/** What has become of the photos of somebody who has signed out here. */
export interface SignOutOutcome {
  /** How many photos this browser keeps. */
  readonly kept: number;
  /** How many photos have to be chosen again. */
  readonly unkept: number;
  readonly lost: readonly LostPhoto[];
  /** How many photos this browser has forgotten. */
  readonly forgotten: number;
  /** What the library has answered about those of them that were under way: null where they were not, or before the answer. */
  readonly rows: RowsOutcome | null;
}

const NOTHING: SignOutOutcome = { kept: 0, unkept: 0, lost: [], forgotten: 0, rows: null };

/** Ms for which somebody who may have gone away is waited for. */
const SIGN_OUT_AFTER = 120_000;

/** Ms in which what was typed last is usually saved. */
const SAVE_TIME = 500;

export class SignOut {
  /** Whether somebody has to decide what becomes of the photos. */
  isAsking = $state(false);
  /** Whether the session ends as soon as no photo is under way any more. */
  isFinishing = $state(false);
  /** How many photos that are not done other tabs have, while somebody is asked. */
  elsewhere = $state(0);
  /** When the session ends though nobody has answered (ms since 1970): photos have failed since; null where nothing has begun. */
  endsAt = $state<number | null>(null);
  /** Null where there is nothing to tell, and once somebody has read it. */
  outcome = $state.raw<SignOutOutcome | null>(null);
  /** Whether the page was loaded again since somebody wished to be signed out. */
  #isTakenUp = false;
  /** How many edits are still not saved of those that were told of when somebody wished to be signed out. */
  #unsavedTold = 0;
  #token: string | null = null;
  readonly #timer: Timer;

  constructor(
    private readonly session: EndableSession,
    private readonly photos: Photos,
    private readonly clock: Clock,
    private readonly wish: SignOutWish,
  ) {
    this.#timer = new Timer(clock);
    $effect.root(() => {
      $effect(() => {
        if (this.isFinishing && this.photos.countActive() === 0) untrack(() => void this.#finish());
      });
      $effect(() => {
        if (this.isFinishing) this.#unsavedTold = Math.min(this.#unsavedTold, this.photos.countUnsaved());
      });
      $effect(() => {
        if (this.session.owner === null) untrack(() => this.#forgetQuestion());
        else this.dismiss();
      });
      $effect(() => {
        const { token } = this.session;
        untrack(() => this.#handleToken(token));
      });
    });
  }

  /** Somebody has read what has become of the photos. */
  dismiss(): void {
    this.outcome = null;
  }

  /** Ends the session, at once unless photos would stay behind, here or in other tabs, or something would not be done with pictures. */
  async request(): Promise<void> {
    const { owner } = this.session;
    if (this.#hasWork()) return this.#ask();
    if (this.photos.countUnsaved() > 0) {
      await this.#waitForEdits();
      if (owner === null || this.session.owner !== owner || this.isAsking) return;
      if (this.#hasWork() || this.photos.countUnsaved() > 0) return this.#ask();
    }
    const elsewhere = await this.photos.countElsewhere();
    // Somebody has signed out meanwhile, or photos were chosen.
    if (owner === null || this.session.owner !== owner || this.isAsking) return;
    if (elsewhere > 0) this.#ask();
    else this.session.signOut();
    this.elsewhere = elsewhere;
  }

  answer(answer: SignOutAnswer): void {
    const { elsewhere } = this;
    this.#forgetQuestion();
    // Photos that are paused would never be finished, and whoever has gone away would stay signed in.
    if (answer === 'finish') {
      this.photos.finish();
      this.isFinishing = true;
      this.#unsavedTold = this.photos.countUnsaved();
      this.#remember();
    }
    if (answer === 'forget') this.#forget(elsewhere);
    if (answer === 'keep') this.#keep(elsewhere);
  }

  /** Goes on with what somebody has wished before this tab was loaded again. The photos must be in the list, and go on. */
  takeUp(): void {
    if (this.isAsking || this.isFinishing) return;
    const { token, owner, isShared } = this.session;
    // Another tab may have renewed the session while this one was loaded.
    if (!this.wish.isOf(token) && !(isShared && this.wish.isOfPerson(owner))) {
      this.wish.forget();
      return;
    }
    this.#remember();
    this.isFinishing = this.#isTakenUp = true;
  }

  async #finish(): Promise<void> {
    // What was typed last may just be on its way.
    if (this.#hasTyped()) await this.#waitForEdits();
    if (!this.isFinishing || this.photos.countActive() > 0) return;
    this.isFinishing = false;
    // What was under way may need somebody since the page was loaded again.
    const hasMissing = this.#isTakenUp && this.photos.countMissing() > 0;
    if (this.photos.countRetryable() === 0 && !hasMissing && !this.#hasTyped()) {
      this.#keep(0);
      return;
    }
    this.#ask();
    this.endsAt = this.clock.now() + SIGN_OUT_AFTER;
    this.#timer.set(SIGN_OUT_AFTER, () => this.answer('keep'));
  }

  /** Whether edits are not saved that were not told of. */
  #hasTyped(): boolean {
    return this.photos.countUnsaved() > this.#unsavedTold;
  }

  #hasWork(): boolean {
    return this.photos.countActive() + this.photos.countWaiting() + this.photos.countUndeleted() > 0;
  }

  /** A field that was typed into is saved when it loses the focus, as to the button “Sign out”: that takes a moment. */
  #waitForEdits(): Promise<void> {
    return new Promise((resolve) => {
      const timer = new Timer(this.clock);
      const stop = $effect.root(() => {
        $effect(() => {
          if (this.photos.countUnsaved() === 0) end();
        });
      });
      timer.set(SAVE_TIME, end);
      function end(): void {
        timer.clear();
        stop();
        resolve();
      }
    });
  }

  #ask(): void {
    this.isAsking = true;
    void this.photos.countElsewhere().then((count) => {
      if (this.isAsking) this.elsewhere = count;
    });
  }

  #keep(elsewhere: number): void {
    const count = this.photos.countActive() + this.photos.countWaiting();
    const unkept = Math.min(count, this.photos.countUnkept());
    const lost = this.photos.listLost();
    this.photos.keep();
    // Tabs that are signed in by themselves go on.
    const others = this.session.isShared ? elsewhere : 0;
    this.#end({ ...NOTHING, kept: count - unkept + others, unkept, lost });
  }

  #forget(elsewhere: number): void {
    const own = this.photos.countActive() + this.photos.countWaiting();
    const answered = this.photos.forget();
    const outcome = { ...NOTHING, forgotten: own + elsewhere };
    this.#end(outcome);
    void answered.then((forgotten) => {
      // Nobody reads of it any more, or of somebody else's.
      if (this.outcome !== outcome) return;
      this.outcome = { ...outcome, forgotten: own + forgotten.elsewhere, rows: forgotten.rows };
    });
  }

  #end(outcome: SignOutOutcome): void {
    this.wish.forget();
    this.session.signOut();
    const { kept, unkept, lost, forgotten } = outcome;
    if (kept + unkept + lost.length + forgotten > 0) this.outcome = outcome;
  }

  /**
   * The wish stays with a session whose token was renewed. It is not that of somebody who has signed in since. Where the tabs
   * share a session, nobody knows which of the two it was: then it stays with the same person, who would rather sign in again
   * than stay signed in after having left.
   */
  #handleToken(token: string | null): void {
    const previous = this.#token;
    this.#token = token;
    if (token === null || token === previous || !this.wish.isOf(previous)) return;
    const { isRenewed, isShared, owner } = this.session;
    if (isRenewed || (isShared && this.wish.isOfPerson(owner))) this.#remember();
    else this.#forgetQuestion();
  }

  #remember(): void {
    const { token, owner } = this.session;
    if (token !== null && owner !== null) this.wish.remember(token, owner);
  }

  #forgetQuestion(): void {
    this.#timer.clear();
    this.wish.forget();
    this.isAsking = this.isFinishing = this.#isTakenUp = false;
    this.#unsavedTold = 0;
    this.endsAt = null;
    this.elsewhere = 0;
  }
}
