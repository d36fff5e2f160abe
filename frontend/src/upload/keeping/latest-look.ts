/** Asks for something again and again, and passes only those answers on to whose question no later one has been answered. */
export class LatestLook<Answer> {
  #asked = 0;
  #answered = 0;

  constructor(
    private readonly find: () => Promise<Answer>,
    private readonly onanswer: (answer: Answer) => void,
  ) {}

  async look(): Promise<void> {
    const number = ++this.#asked;
    try {
      const answer = await this.find();
      if (number < this.#answered) return;
      this.#answered = number;
      this.onanswer(answer);
    } catch {
      // A browser can forbid to keep anything, and then there is nothing to tell.
    }
  }
}
