import { serverNow } from './clock';
import { claimsOf, tokenIn, type Claims } from './token';

const KEY = 'stockroom.token';

/** Who is signed in, in this tab. The token lives in sessionStorage: it goes with the tab. */
class Session {
  #token = $state<string | null>(null);
  claims = $derived<Claims | null>(this.#token === null ? null : claimsOf(this.#token));
  /** True once the token has run out, or the API has refused it. */
  refused = $state(false);
  #timer = 0;

  constructor() {
    this.#adopt(sessionStorage.getItem(KEY));
  }

  get token(): string | null {
    return this.#token;
  }

  get signedIn(): boolean {
    return this.claims !== null && !this.refused;
  }

  /** Takes a sign-in link or a token; false when there is no token in it. */
  signIn(text: string): boolean {
    const token = tokenIn(text);
    if (token === null) return false;
    sessionStorage.setItem(KEY, token);
    this.#adopt(token);
    return true;
  }

  signOut(): void {
    sessionStorage.removeItem(KEY);
    this.#adopt(null);
  }

  /** The API says that the token is not good any more. */
  refuse(): void {
    if (this.#token !== null) this.refused = true;
  }

  #adopt(token: string | null): void {
    this.#token = token;
    const claims = token === null ? null : claimsOf(token);
    clearTimeout(this.#timer);
    if (claims === null) {
      this.refused = false;
      return;
    }
    const left = claims.expires * 1000 - serverNow();
    this.refused = left <= 0;
    // A timer counts 24 days at most; a token that lives longer than that tab is no loss.
    if (left > 0 && left < 2 ** 31) this.#timer = window.setTimeout(() => (this.refused = true), left);
  }
}

export const session = new Session();

/** Moves the token of a sign-in link out of the address, before anything else can see it there. */
export function takeTokenFromAddress(): void {
  if (!location.hash.includes('token=')) return;
  const { hash } = location;
  history.replaceState(history.state, '', location.pathname + location.search);
  session.signIn(hash);
}
