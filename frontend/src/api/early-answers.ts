/** What the API is asked before the page's script is there, in the first milliseconds (`early.ts`). */

/** Ms after which an answer is too old for whoever asks: for so long the CDN stores a search. */
const LIFETIME = 20_000;

export interface EarlyPorts {
  fetch: typeof globalThis.fetch;
  now: () => number;
}

/** Requests that are under way or answered. Each answer is for the first request for its path, and for no other. */
export class EarlyAnswers {
  readonly #answers = new Map<string, { answer: Promise<Response>; askedAt: number }>();

  constructor(private readonly ports: EarlyPorts) {}

  /** Asks as anybody may, without a token. */
  ask(path: string): Promise<Response> {
    const answer = this.ports.fetch(path, { headers: { Accept: 'application/json' } });
    // Whoever takes the answer hears of a failure.
    answer.catch(() => undefined);
    this.#answers.set(path, { answer, askedAt: this.ports.now() });
    return answer;
  }

  /** The answer to a request, once; null when it was not asked for early, or is for somebody with a token. */
  take(path: string, init: RequestInit = {}): Promise<Response> | null {
    const found = this.#answers.get(path);
    if (found === undefined || (init.method ?? 'GET') !== 'GET') return null;
    this.#answers.delete(path);
    const isForAnybody = !new Headers(init.headers).has('Authorization');
    return isForAnybody && this.ports.now() - found.askedAt < LIFETIME ? found.answer : null;
  }
}

export const earlyAnswers = new EarlyAnswers({
  fetch: (input, init) => fetch(input, init),
  now: () => performance.now(),
});
