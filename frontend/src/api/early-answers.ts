/** What the API is asked before the page's script is there, in the first milliseconds (`early.ts`). */

declare global {
  interface Window {
    /** The answer of the API for which a script in index.html has asked. */
    early?: { path: string; answer: Promise<Response> };
  }
}

/** Where this tab remembers that the library refuses who asks without a token, as whoever asks early does. */
export const PRIVATE_KEY = 'stockroom.private';

/** Ms after which an answer is too old to be taken. The CDN stores a search for as long. */
const LIFETIME = 20_000;

export interface EarlyPorts {
  fetch: typeof globalThis.fetch;
  now: () => number;
  /** What index.html has asked for. */
  readonly first: Window['early'];
}

/** Requests that are under way or answered. Whoever asks for a path first takes its answer over; the next one asks anew. */
export class EarlyAnswers {
  /** Resolved when whoever asked early has seen to the answer. */
  readonly handled: Promise<void>;
  noteHandled!: () => void;
  readonly #answers = new Map<string, { answer: Promise<Response>; askedAt: number }>();

  #first: EarlyPorts['first'];

  constructor(private readonly ports: EarlyPorts) {
    this.#first = ports.first;
    this.handled = new Promise((resolve) => (this.noteHandled = resolve));
  }

  /** Asks as anybody may, without a token. */
  ask(path: string): Promise<Response> {
    const answer =
      (path === this.#first?.path && this.#first.answer) ||
      this.ports.fetch(path, { headers: { Accept: 'application/json' } });
    // A failure is told to whoever takes the answer, not to the console.
    answer.catch(() => undefined);
    this.#first = undefined;
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
  first: globalThis.window?.early,
});
