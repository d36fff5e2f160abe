// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getReturnPath, providerSignIn } from '../../src/app/provider.svelte';
import { schedule, startRenewal } from '../../src/app/renewal';
import { session } from '../../src/app/session.svelte';
import { createToken } from '../fixtures';

const ISSUER = 'https://id.example';
const PROVIDER = { issuer: ISSUER, client_id: 'page', audience: 'stockroom' };
const NOW = Date.parse('2026-05-01T12:00:00Z');

/** The documents of the provider, by path; null stands for a provider that is away. */
let documents: Record<string, unknown> | null;
let requests: { path: string; body: string }[];
let visited: string | null;

function discovery(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    ...changes,
  };
}

function token(seconds: number, name = 'Alice'): string {
  return createToken({ sub: 'alice', name, exp: NOW / 1000 + seconds });
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  documents = { '/.well-known/openid-configuration': discovery() };
  requests = [];
  visited = null;
  sessionStorage.clear();
  session.signOut();
  vi.stubGlobal('fetch', async (input: URL | string, init?: RequestInit) => {
    const { pathname: path } = new URL(input);
    requests.push({ path, body: String(init?.body ?? '') });
    if (documents === null) throw new TypeError('Failed to fetch');
    const found = documents[path];
    return new Response(JSON.stringify(found ?? {}), {
      status: found === undefined ? 404 : 200,
      headers: { 'content-type': 'application/json' },
    });
  });
  vi.spyOn(location, 'assign').mockImplementation((address) => void (visited = String(address)));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('signing in at a provider', () => {
  it('leaves for the provider with a challenge, and keeps its secrets in this tab', async () => {
    await providerSignIn.begin(PROVIDER, '/uploads');
    expect(providerSignIn.problem).toBeNull();
    const { origin, pathname, searchParams } = new URL(visited ?? '');
    expect(origin + pathname).toBe(`${ISSUER}/authorize`);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: 'page',
      response_type: 'code',
      redirect_uri: `${location.origin}/signin/https-id.example/answer`,
      scope: 'openid profile read upload',
      code_challenge_method: 'S256',
    });
    const kept = JSON.parse(sessionStorage.getItem('stockroom.authorization') ?? '') as Record<
      string,
      string
    >;
    expect(kept.returnTo).toBe('/uploads');
    expect(visited).toContain(`state=${kept.state}`);
    expect(visited).not.toContain(kept.verifier);
  });

  it.each([
    ['of another issuer', discovery({ issuer: 'https://other.example' })],
    ['without a sign-in page', discovery({ authorization_endpoint: undefined })],
    ['that would run a script', discovery({ authorization_endpoint: 'javascript:alert(1)' })],
    ['without https', discovery({ authorization_endpoint: 'http://id.example/authorize' })],
  ])('goes nowhere for a configuration %s', async (_, configuration) => {
    documents = { '/.well-known/openid-configuration': configuration };
    await providerSignIn.begin(PROVIDER, '/');
    expect(visited).toBeNull();
    expect(providerSignIn.problem).toContain('The sign-in at id.example did not work');
    expect(providerSignIn.isBusy).toBe(false);
  });

  it('says that a provider is away', async () => {
    documents = null;
    await providerSignIn.begin(PROVIDER, '/');
    expect(providerSignIn.problem).toBe('id.example cannot be reached. Please try again later.');
  });

  it('takes no answer twice, and none with another state', async () => {
    await providerSignIn.begin(PROVIDER, '/');
    const answer = {
      path: getReturnPath(PROVIDER),
      parameters: new URLSearchParams({ code: 'stolen', state: 'guessed' }),
    };
    expect(await providerSignIn.finish(answer)).toBeNull();
    expect(providerSignIn.problem).toContain('"state"');
    expect(await providerSignIn.finish(answer)).toBeNull();
    expect(providerSignIn.problem).toContain('not begun in this tab');
    expect(requests.every(({ path }) => path !== '/token')).toBe(true);
    expect(session.token).toBeNull();
  });

  it('sends no provider the code of another one, to which it has passed the person on', async () => {
    await providerSignIn.begin(PROVIDER, '/');
    const state = new URL(visited ?? '').searchParams.get('state') ?? '';
    const path = getReturnPath({ ...PROVIDER, issuer: 'https://other.example' });
    const parameters = new URLSearchParams({ code: 'of the other', state });
    expect(await providerSignIn.finish({ path, parameters })).toBeNull();
    expect(providerSignIn.problem).toContain('the answer is that of another provider');
    expect(requests.every(({ path }) => path !== '/token')).toBe(true);
    expect(session.token).toBeNull();
  });

  it.each([
    ['https://id.example', '/signin/https-id.example/answer'],
    ['https://id.example/tenant/', '/signin/https-id.example-tenant/answer'],
  ])('has %s answer at %s', (issuer, path) => {
    expect(getReturnPath({ ...PROVIDER, issuer })).toBe(path);
  });
});

describe('the renewal of a session', () => {
  it('is told from a sign-in, with which another session begins', () => {
    session.signIn(token(300), true);
    expect(session.isRenewed).toBe(true);
    session.signIn(token(400));
    expect(session.isRenewed).toBe(false);
  });

  const reply = (name: string, seconds: number) => ({
    access_token: token(seconds, name),
    token_type: 'Bearer',
    expires_in: seconds,
    refresh_token: 'second',
  });

  it('comes a minute before the end, with the newest refresh token', async () => {
    session.signIn(token(300));
    startRenewal(PROVIDER, 'first');
    documents = { ...documents, '/token': reply('Renewed', 600) };
    await vi.advanceTimersByTimeAsync(239_000);
    expect(requests).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    await vi.waitFor(() => expect(session.claims?.name).toBe('Renewed'));
    expect(session.isRenewed).toBe(true);
    expect(requests.at(-1)?.body).toContain('refresh_token=first');
    documents = { ...documents, '/token': reply('Again', 900) };
    await vi.advanceTimersByTimeAsync(300_000);
    await vi.waitFor(() => expect(session.claims?.name).toBe('Again'));
    expect(requests.at(-1)?.body).toContain('refresh_token=second');
  });

  it('ends with the session', async () => {
    session.signIn(token(300));
    startRenewal(PROVIDER, 'first');
    session.signOut();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(requests).toEqual([]);
    expect(sessionStorage.getItem('stockroom.renewal')).toBeNull();
  });

  it('leaves no secret behind when somebody signs out, or in as somebody else', () => {
    session.signIn(token(300));
    startRenewal(PROVIDER, 'first');
    session.signOut();
    expect(Object.values({ ...sessionStorage })).toEqual([]);
    session.signIn(token(300));
    startRenewal(PROVIDER, 'first');
    session.signIn(token(300, 'Bob'));
    expect(sessionStorage.getItem('stockroom.renewal')).toBeNull();
  });

  it('is tried again while the provider is away, until the token has expired', async () => {
    session.signIn(token(300));
    startRenewal(PROVIDER, 'first');
    documents = null;
    await vi.advanceTimersByTimeAsync(280_000);
    await vi.waitFor(() => expect(requests.length).toBeGreaterThan(1));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(session.isRefused).toBe(true);
    expect(sessionStorage.getItem('stockroom.renewal')).toBeNull();
  });

  it('is given up when the provider refuses it', async () => {
    session.signIn(token(300));
    startRenewal(PROVIDER, 'first');
    await vi.advanceTimersByTimeAsync(241_000);
    await vi.waitFor(() => expect(sessionStorage.getItem('stockroom.renewal')).toBeNull());
    expect(session.isSignedIn).toBe(true);
  });

  it('goes on after a reload', async () => {
    session.signIn(token(300));
    sessionStorage.setItem(
      'stockroom.renewal',
      JSON.stringify({ provider: PROVIDER, refreshToken: 'kept', token: session.token }),
    );
    documents = { ...documents, '/token': reply('Renewed', 600) };
    schedule();
    await vi.advanceTimersByTimeAsync(241_000);
    await vi.waitFor(() => expect(session.claims?.name).toBe('Renewed'));
  });

  it('needs a refresh token', () => {
    session.signIn(token(300));
    startRenewal(PROVIDER, undefined);
    expect(sessionStorage.getItem('stockroom.renewal')).toBeNull();
  });
});
