import { serverClock } from './clock';
import { keepWithinSite } from './routes';
import { decodeClaims, findToken, type Claims } from './token';

const STORAGE_KEY = 'stockroom.token';

/** A token that is refused so long before its end (ms) has run out by the API's clock. */
const TOLERANCE = 60_000;

/** The longest delay of a browser's timer (ms), 24 days. */
const MAX_TIMEOUT = 2 ** 31;

/** Who is signed in, in this tab. The token lives in sessionStorage, which is cleared with the tab. */
class Session {
  #token = $state<string | null>(null);
  claims = $derived<Claims | null>(this.#token === null ? null : decodeClaims(this.#token));
  /** True once the token has expired, or the API has refused it. */
  isRefused = $state(false);
  /** A link that was opened and is asked about: its token, until somebody has decided. */
  #offer = $state<string | null>(null);
  offeredClaims = $derived<Claims | null>(this.#offer === null ? null : decodeClaims(this.#offer));
  /** How often somebody has signed in, also with the same token again. */
  signIns = $state(0);
  /** True once a link was opened that contains no whole token, until somebody signs in. */
  isLinkBroken = $state(false);
  #timer = 0;
  /** Called when another token is in use, or none. */
  onchange: () => void = () => undefined;

  constructor() {
    this.#setToken(sessionStorage.getItem(STORAGE_KEY));
  }

  get token(): string | null {
    return this.#token;
  }

  /** Whose uploads the token makes, the same for all tokens of one person; null when nobody has signed in. */
  get owner(): string | null {
    return this.claims === null ? null : JSON.stringify([this.claims.issuer, this.claims.subject]);
  }

  /** Whether the token has run out. A token that is refused before may be incomplete, or withdrawn. */
  get hasExpired(): boolean {
    return (
      this.isRefused && this.claims !== null && this.claims.expires * 1000 <= serverClock.now() + TOLERANCE
    );
  }

  get isSignedIn(): boolean {
    return this.claims !== null && !this.isRefused;
  }

  /** Takes a sign-in link or a token; returns false when the text contains no token. */
  signIn(text: string): boolean {
    const token = findToken(text);
    if (token === null) return false;
    this.#store(token);
    return true;
  }

  /**
   * Takes a sign-in link that was opened. Whoever is signed in, or has files waiting in this tab, is asked first: a link
   * may come from anybody, and would have their uploads made in somebody else's name.
   */
  open(link: string, hasWaitingFiles: boolean): void {
    const token = findToken(link);
    this.isLinkBroken = token === null;
    if (token === null || token === this.#token) return;
    if (this.isSignedIn || hasWaitingFiles) this.#offer = token;
    else this.#store(token);
  }

  /** Decides about the link that was opened: signs in with it, or stays who they are. */
  answerOffer(isAccepted: boolean): void {
    const token = this.#offer;
    this.#offer = null;
    if (isAccepted && token !== null) this.#store(token);
  }

  signOut(): void {
    sessionStorage.removeItem(STORAGE_KEY);
    this.#setToken(null);
    this.onchange();
  }

  /** Records that the API has refused the token. */
  refuse(): void {
    if (this.#token !== null) this.isRefused = true;
  }

  #store(token: string): void {
    sessionStorage.setItem(STORAGE_KEY, token);
    this.isLinkBroken = false;
    this.#setToken(token);
    this.signIns += 1;
    this.onchange();
  }

  #setToken(token: string | null): void {
    this.#token = token;
    const claims = token === null ? null : decodeClaims(token);
    clearTimeout(this.#timer);
    if (claims === null) {
      this.isRefused = false;
      return;
    }
    const remaining = claims.expires * 1000 - serverClock.now();
    this.isRefused = remaining <= 0;
    // A token that lives longer than a timer can wait needs none: the API refuses it in the end.
    if (remaining > 0 && remaining < MAX_TIMEOUT) {
      this.#timer = window.setTimeout(() => (this.isRefused = true), remaining);
    }
  }
}

export const session = new Session();

/** Takes the token of a sign-in link out of the address, where others can see it, and hands it to the session. */
export function takeTokenFromAddress(hasWaitingFiles: boolean): void {
  if (!location.hash.includes('token=')) return;
  const { hash } = location;
  history.replaceState(history.state, '', keepWithinSite(location.pathname + location.search));
  session.open(hash, hasWaitingFiles);
}
