/** The text of the page's one polite live region, which screen readers read aloud. */
class Announcer {
  message = $state('');
  #timer = 0;

  /**
   * Announces a message after `wait` ms, and what it says by then if it is a function. A later message replaces one that still
   * waits, so a burst becomes one.
   */
  announce(message: string | (() => string), wait = 250): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.message = typeof message === 'string' ? message : message();
    }, wait);
  }
}

export const announcer = new Announcer();
