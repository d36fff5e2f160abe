/** Signing out while photos are under way: asks whether they are finished before, or stopped. */

export type SignOutAnswer = 'stay' | 'stop' | 'finish';

/** What it needs of the session. */
interface EndableSession {
  readonly owner: string | null;
  signOut(): void;
}

export class SignOut {
  /** Whether somebody has to decide what becomes of the photos that are under way. */
  isAsking = $state(false);
  /** Whether the session ends as soon as no photo is under way any more. */
  isFinishing = $state(false);

  /** `countActive`: how many photos are under way; reactive. */
  constructor(
    private readonly session: EndableSession,
    private readonly countActive: () => number,
  ) {
    $effect.root(() => {
      $effect(() => {
        if (this.isFinishing && this.countActive() === 0) this.#end();
      });
      $effect(() => {
        if (this.session.owner === null) this.isFinishing = false;
      });
    });
  }

  /** Ends the session, at once unless photos are under way. */
  request(): void {
    if (this.countActive() > 0) this.isAsking = true;
    else this.#end();
  }

  answer(answer: SignOutAnswer): void {
    this.isAsking = false;
    this.isFinishing = answer === 'finish';
    if (answer === 'stop') this.#end();
  }

  #end(): void {
    this.isAsking = false;
    this.isFinishing = false;
    this.session.signOut();
  }
}
