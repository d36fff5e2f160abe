import { serverClock } from './clock';
import { decodeClaims, findToken, type Claims } from './token';

const STORAGE_KEY = 'stockroom.token';

/** The longest delay of a browser's timer (ms), 24 days. */
const MAX_TIMEOUT = 2 ** 31;

/** Who is signed in, in this tab. The token lives in sessionStorage, which is cleared with the tab. */
class Session {
  #token = $state<string | null>(null);
  claims = $derived<Claims | null>(this.#token === null ? null : decodeClaims(this.#token));
  /** True once the token has expired, or the API has refused it. */
  isRefused = $state(false);
  #timer = 0;

  constructor() {
    this.#setToken(sessionStorage.getItem(STORAGE_KEY));
  }

  get token(): string | null {
    return this.#token;
  }

  get isSignedIn(): boolean {
    return this.claims !== null && !this.isRefused;
  }

  /** Takes a sign-in link or a token; returns false when the text contains no token. */
  signIn(text: string): boolean {
    const token = findToken(text);
    if (token === null) return false;
    sessionStorage.setItem(STORAGE_KEY, token);
    this.#setToken(token);
    return true;
  }

  signOut(): void {
    sessionStorage.removeItem(STORAGE_KEY);
    this.#setToken(null);
  }

  /** Records that the API has refused the token. */
  refuse(): void {
    if (this.#token !== null) this.isRefused = true;
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

/** Moves the token of a sign-in link from the address into the session, where no other page can see it. */
export function takeTokenFromAddress(): void {
  if (!location.hash.includes('token=')) return;
  const { hash } = location;
  history.replaceState(history.state, '', location.pathname + location.search);
  session.signIn(hash);
}
