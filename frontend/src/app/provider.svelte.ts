import type { Provider } from '../api/types';
import { discover, getProviderName, loadLibrary, type Library } from './openid';
import type { ProviderAnswer } from './provider-answer';
import { startRenewal } from './renewal';
import { session } from './session.svelte';
import { verifyToken } from './sign-in.svelte';
import { decodeClaims } from './token';

const STORAGE_KEY = 'stockroom.authorization';

/** `openid` and `profile` are for the person's name, the others for what the API allows. */
const SCOPES = 'openid profile read upload';

/** A sign-in that has begun in this tab and ends with the provider's answer. */
interface Authorization {
  provider: Provider;
  state: string;
  nonce: string;
  verifier: string;
  returnTo: string;
}

/** Signing in at an OpenID provider: an authorization code with PKCE, for the access token that the API takes. */
class ProviderSignIn {
  isBusy = $state(false);
  problem = $state<string | null>(null);

  /** Leaves this page for the provider's. */
  async begin(provider: Provider, returnTo: string): Promise<void> {
    await this.#attempt(provider, async (library) => {
      const server = await discover(library, provider);
      const endpoint = server.authorization_endpoint ?? '';
      if (!endpoint.startsWith('https://')) throw new Error('its sign-in page has no https address');
      const address = new URL(endpoint);
      const authorization: Authorization = {
        provider,
        state: library.generateRandomState(),
        nonce: library.generateRandomNonce(),
        verifier: library.generateRandomCodeVerifier(),
        returnTo,
      };
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify(authorization));
      const parameters = {
        client_id: provider.client_id,
        response_type: 'code',
        redirect_uri: getRedirectUri(provider),
        scope: SCOPES,
        // Some providers make a JWT only for an audience that is asked for; others pass over it.
        audience: provider.audience,
        state: authorization.state,
        nonce: authorization.nonce,
        code_challenge: await library.calculatePKCECodeChallenge(authorization.verifier),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
      location.assign(address);
    });
  }

  /** Takes the provider's answer; returns where the person was before, or null when nobody is signed in. */
  async finish(answer: ProviderAnswer): Promise<string | null> {
    const authorization = takeAuthorization();
    if (authorization === null) {
      this.problem = 'This sign-in was not begun in this tab. Please sign in again.';
      return null;
    }
    const { provider, state, nonce, verifier, returnTo } = authorization;
    const isDone = await this.#attempt(provider, async (library) => {
      // Otherwise a provider that passes people on to another one would be sent the code of that other one.
      if (answer.path !== getReturnPath(provider)) throw new Error('the answer is that of another provider');
      const client = { client_id: provider.client_id };
      const server = await discover(library, provider);
      const parameters = library.validateAuthResponse(server, client, answer.parameters, state);
      const response = await library.authorizationCodeGrantRequest(
        server,
        client,
        library.None(),
        parameters,
        getRedirectUri(provider),
        verifier,
      );
      const tokens = await library.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      if (decodeClaims(tokens.access_token) === null) {
        throw new Error('its access token is no JWT, and the library cannot check any other');
      }
      const verdict = await verifyToken(tokens.access_token, (input, init) => fetch(input, init));
      if (verdict.name === 'refused') throw new Error('the library does not accept its access token');
      session.signIn(tokens.access_token);
      startRenewal(provider, tokens.refresh_token);
    });
    return isDone ? returnTo : null;
  }

  async #attempt(provider: Provider, step: (library: Library) => Promise<void>): Promise<boolean> {
    this.isBusy = true;
    this.problem = null;
    try {
      await step(await loadLibrary());
      return true;
    } catch (error) {
      this.problem = describeProblem(provider, error);
      return false;
    } finally {
      this.isBusy = false;
    }
  }
}

export const providerSignIn = new ProviderSignIn();

/**
 * Where a provider sends people back to, which it must know. Each has a path of its own, so that none can pass off the
 * answer of another as its own (mix-up, RFC 9700, section 4.4). It ends without a dot, as files have one.
 */
export function getReturnPath(provider: Provider): string {
  const slug = provider.issuer.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^-|-$/g, '');
  return `/signin/${slug}/answer`;
}

function getRedirectUri(provider: Provider): string {
  return location.origin + getReturnPath(provider);
}

/** The sign-in that was begun in this tab. An answer to it counts once. */
function takeAuthorization(): Authorization | null {
  const stored = sessionStorage.getItem(STORAGE_KEY);
  sessionStorage.removeItem(STORAGE_KEY);
  return stored === null ? null : (JSON.parse(stored) as Authorization);
}

function describeProblem(provider: Provider, error: unknown): string {
  const name = getProviderName(provider);
  if (error instanceof Error && 'error' in error && typeof error.error === 'string') {
    // What OAuth calls an error response; both parts of it are texts of the provider's.
    if (error.error === 'access_denied')
      return `You are not signed in: ${name} says that it was cancelled or not allowed.`;
    const description = 'error_description' in error ? error.error_description : undefined;
    return `${name} refuses the sign-in: ${typeof description === 'string' ? description : error.error}`;
  }
  // This is how a browser's `fetch` says that there was no answer, or none that this page may read.
  if (error instanceof TypeError && !('code' in error))
    return `${name} cannot be reached. Please try again later.`;
  const detail = error instanceof Error ? error.message : String(error);
  return `The sign-in at ${name} did not work. Try again; if it goes on, tell whoever runs this library: ${detail}.`;
}
