/**
 * Signing out while photos are under way, or wait: asks whether they are finished before, kept in this browser for later, or
 * forgotten. A sign-out that comes from another tab asks nothing, and keeps them.
 */

export type SignOutAnswer = 'stay' | 'finish' | 'keep' | 'forget';

/** What it needs of the session. */
interface EndableSession {
  readonly owner: string | null;
  signOut(): void;
}

/** What it needs of the photos. The counts are reactive. */
interface Photos {
  countActive(): number;
  /** How many have not been uploaded, and are not under way. */
  countWaiting(): number;
  /** Ends a pause. */
  goOn(): void;
  /** Takes all out of the list, and out of what the browser keeps. */
  forget(): void;
}

export class SignOut {
  /** Whether somebody has to decide what becomes of the photos. */
  isAsking = $state(false);
  /** Whether the session ends as soon as no photo is under way any more. */
  isFinishing = $state(false);

  constructor(
    private readonly session: EndableSession,
    private readonly photos: Photos,
  ) {
    $effect.root(() => {
      $effect(() => {
        if (this.isFinishing && this.photos.countActive() === 0) this.#end();
      });
      $effect(() => {
        if (this.session.owner !== null) return;
        this.isAsking = false;
        this.isFinishing = false;
      });
    });
  }

  /** Ends the session, at once unless photos would stay behind. */
  request(): void {
    if (this.photos.countActive() + this.photos.countWaiting() > 0) this.isAsking = true;
    else this.#end();
  }

  answer(answer: SignOutAnswer): void {
    this.isAsking = false;
    this.isFinishing = answer === 'finish';
    // Photos that are paused would never be finished, and whoever has gone away would stay signed in.
    if (answer === 'finish') this.photos.goOn();
    if (answer === 'forget') this.photos.forget();
    if (answer === 'keep' || answer === 'forget') this.#end();
  }

  #end(): void {
    this.isAsking = false;
    this.isFinishing = false;
    this.session.signOut();
  }
}
