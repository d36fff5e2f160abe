/** Signing in with a link: the API is asked about its token before anybody is signed in with it. */
import { ContributorClient } from '../api/contributor-client';
import { ApiError, hasStatus, isRefusedOnTheWay, isTransient } from '../api/errors';
import { noteServerTime, serverClock, Timer, type Clock } from './clock';
import { describeError } from './messages';
import { session } from './session.svelte';
import { findToken } from './sign-in-link';
import { decodeClaims, isSamePerson, type Claims } from './token';

/** What is wrong with a link. `foreign`: no key of the API has signed its token, which has not run out by what it says itself. */
export type LinkProblem = 'broken' | 'expired' | 'withdrawn' | 'foreign';

export type Verdict =
  | { name: 'accepted' }
  | { name: 'refused'; problem: LinkProblem }
  /** Nothing is known: no answer, or an outage. `retryAfter` is in seconds; null where asking again would not help. */
  | { name: 'unanswered'; detail: string; retryAfter: number | null };

export type SignInState =
  | { name: 'idle' }
  | { name: 'checking' }
  | { name: 'unanswered'; detail: string; isRetried: boolean }
  | { name: 'refused'; problem: LinkProblem; claims: Claims | null }
  /** Somebody else is signed in, or has photos waiting: the person decides. */
  | { name: 'asking'; claims: Claims };

/** The files that somebody has chosen, once the page has loaded what holds them. */
export interface WaitingFiles {
  readonly part: { readonly queue: { hasUnsentFilesFrom(before: number): boolean } } | null;
}

export interface SignInPorts {
  verify: (token: string) => Promise<Verdict>;
  clock: Clock;
}

/** Seconds until the API is asked again that did not answer. */
const RETRY_DELAY = 5;

/** One sign-in link on its way to a session. The fields are reactive. */
export class SignIn {
  state = $state.raw<SignInState>({ name: 'idle' });
  #token = '';
  /** Whether the person is asked before somebody else is signed in. */
  #isAsked: (claims: Claims) => boolean = () => false;
  /** Whether all tabs of this browser are to be signed in. */
  #isShared = false;
  #attempt = 0;
  /** Called once about a link that was opened and does not sign its person in, or not yet. */
  onproblem: () => void = () => undefined;
  #isTold = true;
  readonly #timer: Timer;

  constructor(private readonly ports: SignInPorts) {
    this.#timer = new Timer(ports.clock);
  }

  /** Takes what somebody has pasted. `isShared`: they stay signed in in this browser. */
  submit(text: string, isShared = false): Promise<void> {
    this.#isShared = isShared;
    return this.#take(text, () => false, true);
  }

  /**
   * Takes a link that was opened. Whoever is signed in, or had files waiting in this tab, is asked first: a link may come
   * from anybody, and would have their uploads made in somebody else's name. Files that are chosen while the link is being
   * checked are chosen for its person. The other ones may be loaded meanwhile.
   */
  open(link: string, files: WaitingFiles): Promise<void> {
    const opened = performance.now();
    this.#isShared = false;
    return this.#take(
      link,
      (claims) => {
        if (isSamePerson(session.claims, claims)) return false;
        return session.isSignedIn || (files.part?.queue.hasUnsentFilesFrom(opened) ?? false);
      },
      false,
    );
  }

  /** Asks the API again that did not answer. */
  async retry(): Promise<void> {
    this.#timer.clear();
    const attempt = ++this.#attempt;
    const verdict = await this.ports.verify(this.#token);
    // Another link has been taken meanwhile.
    if (attempt !== this.#attempt) return;
    const claims = decodeClaims(this.#token);
    if (verdict.name === 'unanswered') {
      const { detail, retryAfter } = verdict;
      this.#tell({ name: 'unanswered', detail, isRetried: retryAfter !== null });
      if (retryAfter !== null) this.#timer.set(retryAfter * 1000, () => void this.retry());
    } else if (verdict.name === 'refused') {
      // The key of a link from long ago may have been replaced since, so that the API no longer knows its signature.
      const hasRunOut = claims !== null && claims.expires * 1000 <= this.ports.clock.now();
      this.#refuse(verdict.problem === 'foreign' && hasRunOut ? 'expired' : verdict.problem);
    } else if (claims === null) this.#refuse('foreign');
    else this.#accept(claims);
  }

  /** Decides about a link that was opened: signs in with it, or stays who they are. */
  answer(isAccepted: boolean): void {
    this.dismiss();
    if (isAccepted) session.signIn(this.#token);
  }

  /** Forgets the link, and what is wrong with it. */
  dismiss(): void {
    this.#attempt += 1;
    this.#timer.clear();
    this.state = { name: 'idle' };
  }

  async #take(text: string, isAsked: (claims: Claims) => boolean, isTold: boolean): Promise<void> {
    this.dismiss();
    const token = findToken(text);
    this.#token = token ?? '';
    this.#isAsked = isAsked;
    this.#isTold = isTold;
    if (token === null) return this.#refuse('broken');
    if (token === session.token && session.isSignedIn) return;
    this.state = { name: 'checking' };
    await this.retry();
  }

  #accept(claims: Claims): void {
    if (this.#isAsked(claims)) {
      this.state = { name: 'asking', claims };
      return;
    }
    this.dismiss();
    session.signIn(this.#token);
    if (this.#isShared) session.share(true);
  }

  #refuse(problem: LinkProblem): void {
    this.#tell({ name: 'refused', problem, claims: decodeClaims(this.#token) });
  }

  #tell(state: SignInState): void {
    this.state = state;
    if (this.#isTold) return;
    this.#isTold = true;
    this.onproblem();
  }
}

/**
 * Whether the API takes a token. A token that it takes for something else than uploads is good, too. What something in front
 * of the API answers, such as a gateway to which a token is too long, says nothing of it.
 */
export async function verifyToken(token: string, fetch: typeof globalThis.fetch): Promise<Verdict> {
  const client = new ContributorClient({ fetch, getToken: () => token, onServerTime: noteServerTime });
  try {
    await client.listUploads(null, undefined, 1);
    return { name: 'accepted' };
  } catch (error) {
    if (hasStatus(error, 401)) return { name: 'refused', problem: readProblem(error) };
    const isAnswered = error instanceof ApiError && error.code !== 'unknown';
    if (isAnswered && !isTransient(error)) return { name: 'accepted' };
    const asked = error instanceof ApiError ? (error.retryAfter ?? RETRY_DELAY) : RETRY_DELAY;
    const retryAfter = isRefusedOnTheWay(error) ? null : Math.max(1, asked);
    return { name: 'unanswered', detail: describeError(error), retryAfter };
  }
}

function readProblem({ code }: ApiError): LinkProblem {
  if (code === 'token-expired') return 'expired';
  return code === 'token-revoked' ? 'withdrawn' : 'foreign';
}

export const signIn = new SignIn({
  verify: (token) => verifyToken(token, (input, init) => fetch(input, init)),
  clock: serverClock,
});
