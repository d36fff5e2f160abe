/** Signing out while photos are under way: asks whether they are finished before, or stopped. */
import { session } from '../../app/session.svelte';
import { monitor } from './uploads.svelte';

export type SignOutAnswer = 'stay' | 'stop' | 'finish';

class SignOut {
  /** Whether somebody has to decide what becomes of the photos that are under way. */
  isAsking = $state(false);
  /** Whether the session ends as soon as no photo is under way any more. */
  isFinishing = $state(false);

  constructor() {
    $effect.root(() => {
      $effect(() => {
        if (this.isFinishing && monitor.progress.active === 0) this.#end();
      });
      $effect(() => {
        if (session.owner === null) this.isFinishing = false;
      });
    });
  }

  /** Ends the session, at once unless photos are under way. */
  request(): void {
    if (monitor.progress.active > 0) this.isAsking = true;
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
    session.signOut();
  }
}

export const signOut = new SignOut();
