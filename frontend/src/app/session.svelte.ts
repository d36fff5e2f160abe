import { MAX_TIMEOUT, serverClock } from './clock';
import { decodeClaims, getOwner, isSamePerson, type Claims } from './token';

const STORAGE_KEY = 'stockroom.token';

/** Where `renewal.ts` keeps, in sessionStorage, what renews the session of this tab. */
export const RENEWAL_KEY = 'stockroom.renewal';

/** A token that is refused so long before its end (ms) has run out by the API's clock. */
const TOLERANCE = 60_000;

/**
 * Who is signed in, in this tab. The token lives in sessionStorage, which is cleared with the tab, or by the person's
 * choice in localStorage, from where all tabs of the browser have it. `SignIn` asks the API about a token before it is
 * taken here.
 */
export class Session {
  #token = $state<string | null>(null);
  claims = $derived<Claims | null>(this.#token === null ? null : decodeClaims(this.#token));
  /** True once the token has expired, or the API has refused it. */
  isRefused = $state(false);
  /** Whether the other tabs of this browser are signed in, too. */
  isShared = $state(false);
  /** How often somebody has signed in, also with the same token again. */
  signIns = $state(0);
  /** Whether the token has taken the place of one that was about to run out, without anybody signing in. */
  isRenewed = false;
  #timer = 0;
  /** Called when another token is in use, or none. */
  onchange: () => void = () => undefined;
  /** Whether this tab may be signed in as an owner because another tab is. Files that wait are not theirs for that. */
  mayFollow: (owner: string) => boolean = () => true;

  constructor() {
    const own = sessionStorage.getItem(STORAGE_KEY);
    const shared = localStorage.getItem(STORAGE_KEY);
    this.isShared = own === null && shared !== null;
    this.#setToken(own ?? shared);
    addEventListener('storage', (event) => {
      if (event.storageArea !== localStorage || event.key !== STORAGE_KEY) return;
      if (event.newValue === null) this.#end(event.oldValue);
      else this.#follow(event.newValue);
    });
  }

  get token(): string | null {
    return this.#token;
  }

  /** Whose uploads the token makes, the same for all tokens of one person; null when nobody has signed in. */
  get owner(): string | null {
    return this.claims === null ? null : getOwner(this.claims);
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

  /** Takes a token that is known to be good; returns false when it has no claims. */
  signIn(token: string, isRenewal = false): boolean {
    const claims = decodeClaims(token);
    if (claims === null) return false;
    // What other tabs do as somebody else goes on.
    if (this.isShared && !isSamePerson(this.claims, claims)) this.isShared = false;
    this.#setToken(token, isRenewal);
    this.#write();
    this.signIns += 1;
    this.onchange();
    return true;
  }

  /** Signs the other tabs of this browser in as well, those that are opened later too, or this one alone again. */
  share(isShared: boolean): void {
    if (!isShared && this.isShared) localStorage.removeItem(STORAGE_KEY);
    this.isShared = isShared;
    this.#write();
  }

  /** Signs out here, and in all tabs if this person is signed in in all: also where this tab has a sign-in of its own. */
  signOut(): void {
    sessionStorage.removeItem(STORAGE_KEY);
    if (this.isShared || this.#isOwn(localStorage.getItem(STORAGE_KEY))) localStorage.removeItem(STORAGE_KEY);
    this.isShared = false;
    this.#setToken(null);
    this.onchange();
  }

  /** Records that the API has refused the token. */
  refuse(): void {
    if (this.#token !== null) this.isRefused = true;
  }

  /** Another tab has ended what the tabs shared, the sign-in by `token`. */
  #end(token: string | null): void {
    if (this.isShared || this.#isOwn(token)) this.signOut();
  }

  /** Another tab has changed what the tabs share. Nobody is replaced by somebody else. */
  #follow(token: string): void {
    const claims = decodeClaims(token);
    if (claims === null) return;
    const isOther =
      !isSamePerson(this.claims, claims) && (this.isSignedIn || !this.mayFollow(getOwner(claims)));
    if (isOther && this.isShared) {
      this.isShared = false;
      this.#write();
    }
    if (isOther || token === this.#token || (this.isSignedIn && !this.isShared)) return;
    sessionStorage.removeItem(STORAGE_KEY);
    this.isShared = true;
    this.#setToken(token);
    this.signIns += 1;
    this.onchange();
  }

  #isOwn(token: string | null): boolean {
    return token !== null && isSamePerson(this.claims, decodeClaims(token));
  }

  #write(): void {
    if (this.#token === null) return;
    if (this.isShared) {
      localStorage.setItem(STORAGE_KEY, this.#token);
      sessionStorage.removeItem(STORAGE_KEY);
    } else {
      sessionStorage.setItem(STORAGE_KEY, this.#token);
    }
  }

  #setToken(token: string | null, isRenewed = false): void {
    this.#token = token;
    this.isRenewed = isRenewed;
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
