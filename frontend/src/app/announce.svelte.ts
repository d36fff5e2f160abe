/** One polite live region for the whole page: say something to those who listen to it. */
class Announcer {
  message = $state('');
  #timer = 0;

  /** The last message wins; a short wait lets a burst of changes become one sentence. */
  say(message: string, wait = 250): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.message = message;
    }, wait);
  }
}

export const announcer = new Announcer();
