/** Keeps a session at an OpenID provider going by its refresh token, where the provider gives one. */
import type { Provider } from '../api/types';
import { serverClock, Timer } from './clock';
import { discover, loadLibrary } from './openid';
import { RENEWAL_KEY, session } from './session.svelte';

/** A token is renewed so long before its end (ms), or after half of a shorter life. */
const RESERVE = 60_000;

/** So close to its end (ms) a token is no longer renewed. */
const MIN_REMAINING = 2000;

interface Renewal {
  provider: Provider;
  refreshToken: string;
  /** The access token that is to be renewed. When another one is in use, the renewal is void. */
  token: string;
}

const timer = new Timer(serverClock);

// Whoever signs out leaves no token in the tab, and none that makes new ones.
session.onchange = () => void readRenewal();

/** Has the session renewed from now on, also after a reload of the page in this tab. */
export function startRenewal(provider: Provider, refreshToken: string | undefined): void {
  stopRenewal();
  if (refreshToken === undefined || session.token === null) return;
  sessionStorage.setItem(RENEWAL_KEY, JSON.stringify({ provider, refreshToken, token: session.token }));
  schedule();
}

/** Goes on with the renewal of a session that this tab had before a reload. */
export function schedule(): void {
  const renewal = readRenewal();
  if (renewal === null || session.claims === null) return;
  const remaining = session.claims.expires * 1000 - serverClock.now();
  if (remaining < MIN_REMAINING) stopRenewal();
  else timer.set(remaining - Math.min(RESERVE, remaining / 2), () => void renew());
}

function stopRenewal(): void {
  timer.clear();
  sessionStorage.removeItem(RENEWAL_KEY);
}

/** What is to be renewed; null once somebody has signed out, or in with another token. */
function readRenewal(): Renewal | null {
  const stored = sessionStorage.getItem(RENEWAL_KEY);
  const renewal = stored === null ? null : (JSON.parse(stored) as Renewal);
  if (renewal === null || renewal.token === session.token) return renewal;
  stopRenewal();
  return null;
}

async function renew(): Promise<void> {
  const renewal = readRenewal();
  if (renewal === null) return;
  const { provider, refreshToken } = renewal;
  try {
    const library = await loadLibrary();
    const server = await discover(library, provider);
    const client = { client_id: provider.client_id };
    const response = await library.refreshTokenGrantRequest(server, client, library.None(), refreshToken);
    const tokens = await library.processRefreshTokenResponse(server, client, response);
    // Somebody may have signed out meanwhile.
    if (readRenewal() === null || !session.signIn(tokens.access_token, true)) return stopRenewal();
    startRenewal(provider, tokens.refresh_token ?? refreshToken);
  } catch (error) {
    // A browser's `fetch` says so that there was no answer. Whatever else went wrong goes wrong again.
    if (error instanceof TypeError && !('code' in error)) schedule();
    else stopRenewal();
  }
}
