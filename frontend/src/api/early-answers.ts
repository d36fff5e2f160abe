/** What the API is asked before the page's script is there, in the first milliseconds (`early.ts`). */

declare global {
  interface Window {
    /** The answer of the API for the front page, which a script in index.html has asked for. */
    frontPage?: Promise<Response>;
  }
}

const FRONT_PAGE = '/api/images?limit=50';

/** Ms after which an answer is too old to be taken. The CDN stores a search for as long. */
const LIFETIME = 20_000;

export interface EarlyPorts {
  fetch: typeof globalThis.fetch;
  now: () => number;
  /** The answer for the front page, once. */
  takeFrontPage: () => Promise<Response> | undefined;
}

/** Requests that are under way or answered. Whoever asks for a path first takes its answer over; the next one asks anew. */
export class EarlyAnswers {
  /** Resolved when whoever asked early has seen to the answer. */
  readonly handled: Promise<void>;
  noteHandled!: () => void;
  readonly #answers = new Map<string, { answer: Promise<Response>; askedAt: number }>();

  constructor(private readonly ports: EarlyPorts) {
    this.handled = new Promise((resolve) => (this.noteHandled = resolve));
  }

  /** Asks as anybody may, without a token. */
  ask(path: string): Promise<Response> {
    const answer =
      (path === FRONT_PAGE && this.ports.takeFrontPage()) ||
      this.ports.fetch(path, { headers: { Accept: 'application/json' } });
    // A failure is told to whoever takes the answer, not to the console.
    answer.catch(() => undefined);
    this.#answers.set(path, { answer, askedAt: this.ports.now() });
    return answer;
  }

  /** The early answer to a request; null where there is none, or where the request has a token. */
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
  takeFrontPage: () => {
    const { frontPage } = window;
    delete window.frontPage;
    return frontPage;
  },
});
