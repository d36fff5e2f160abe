/**
 * Signing out while photos are under way, wait, or have failed: asks whether they are finished before, kept in this browser for
 * later, or forgotten. Whoever wants them finished is asked again when some have failed, and signed out nevertheless if nobody
 * answers. A sign-out that comes from another tab asks nothing, and keeps them.
 */
import { untrack } from 'svelte';
import { Timer, type Clock } from '../../app/clock';

export type SignOutAnswer = 'stay' | 'finish' | 'keep' | 'forget';

/** What it needs of the session. */
interface EndableSession {
  readonly owner: string | null;
  signOut(): void;
}

/** What it needs of the photos. The counts are reactive. */
interface Photos {
  countActive(): number;
  /** How many have not been uploaded, and are not under way; with those that have failed and may be tried again. */
  countWaiting(): number;
  /** How many of those that are under way or wait have to be chosen again, as the browser has no way to them. */
  countUnkept(): number;
  /** How many the library has not taken, or could not make a picture of. */
  countFailed(): number;
  /** Ends a pause, and tries those again that have failed. */
  finish(): void;
  /** Has those tried again that have failed, once their owner is back. */
  keep(): void;
  /** Removes all that the browser keeps. */
  forget(): void;
}

/** Ms for which somebody who may have gone away is waited for. */
const PATIENCE = 120_000;

export class SignOut {
  /** Whether somebody has to decide what becomes of the photos. */
  isAsking = $state(false);
  /** Whether the session ends as soon as no photo is under way any more. */
  isFinishing = $state(false);
  /** When the session ends though nobody has answered (ms since 1970): photos have failed since; null where nothing has begun. */
  endsAt = $state<number | null>(null);
  /** How many photos this browser keeps for whoever has signed out here; 0 once somebody has read that. */
  kept = $state(0);
  /** How many photos have to be chosen again by whoever has signed out here; 0 once somebody has read that. */
  unkept = $state(0);
  readonly #timer: Timer;

  constructor(
    private readonly session: EndableSession,
    private readonly photos: Photos,
    private readonly clock: Clock,
  ) {
    this.#timer = new Timer(clock);
    $effect.root(() => {
      $effect(() => {
        if (this.isFinishing && this.photos.countActive() === 0) untrack(() => this.#finish());
      });
      $effect(() => {
        if (this.session.owner === null) untrack(() => this.#forgetQuestion());
        else this.dismiss();
      });
    });
  }

  /** Somebody has read what has become of the photos. */
  dismiss(): void {
    this.kept = this.unkept = 0;
  }

  /** Ends the session, at once unless photos would stay behind. */
  request(): void {
    if (this.photos.countActive() + this.photos.countWaiting() > 0) this.isAsking = true;
    else this.session.signOut();
  }

  answer(answer: SignOutAnswer): void {
    this.#forgetQuestion();
    // Photos that are paused would never be finished, and whoever has gone away would stay signed in.
    if (answer === 'finish') {
      this.photos.finish();
      this.isFinishing = true;
    }
    if (answer === 'forget') {
      this.photos.forget();
      this.session.signOut();
    }
    if (answer === 'keep') this.#keep();
  }

  #finish(): void {
    this.isFinishing = false;
    if (this.photos.countFailed() === 0) {
      this.#keep();
      return;
    }
    this.isAsking = true;
    this.endsAt = this.clock.now() + PATIENCE;
    this.#timer.set(PATIENCE, () => this.answer('keep'));
  }

  #keep(): void {
    const count = this.photos.countActive() + this.photos.countWaiting();
    const unkept = Math.min(count, this.photos.countUnkept());
    this.photos.keep();
    this.session.signOut();
    this.kept = count - unkept;
    this.unkept = unkept;
  }

  #forgetQuestion(): void {
    this.#timer.clear();
    this.isAsking = false;
    this.isFinishing = false;
    this.endsAt = null;
  }
}
