// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session, takeTokenFromAddress } from '../../src/app/session.svelte';
import { createToken } from '../fixtures';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const TOKEN = createToken({ sub: 'alice', name: 'Alice', scope: 'upload', exp: NOW / 1000 + 60 });

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  session.signOut();
});
afterEach(() => void vi.useRealTimers());

describe('session', () => {
  it('lasts as long as its token', async () => {
    expect(session.signIn(TOKEN)).toBe(true);
    expect(session.claims?.name).toBe('Alice');
    await vi.advanceTimersByTimeAsync(59_000);
    expect(session.isSignedIn).toBe(true);
    await vi.advanceTimersByTimeAsync(2000);
    expect(session.isSignedIn).toBe(false);
    expect(session.isRefused).toBe(true);
  });

  it('ends when the API refuses the token, and begins with another one', () => {
    session.signIn(TOKEN);
    session.refuse();
    expect(session.isSignedIn).toBe(false);
    session.signIn(createToken({ sub: 'bob', exp: NOW / 1000 + 60 }));
    expect(session.isSignedIn).toBe(true);
  });

  it('has one owner for all tokens of a person, also when the token has run out', () => {
    session.signIn(createToken({ iss: 'here', sub: 'alice', exp: NOW / 1000 - 1 }));
    const { owner } = session;
    session.signIn(createToken({ iss: 'here', sub: 'alice', exp: NOW / 1000 + 60 }));
    expect(session.owner).toBe(owner);
    session.signIn(createToken({ iss: 'elsewhere', sub: 'alice', exp: NOW / 1000 + 60 }));
    expect(session.owner).not.toBe(owner);
    session.signOut();
    expect(session.owner).toBeNull();
  });

  it('takes no text without a token', () => {
    expect(session.signIn('hello')).toBe(false);
    expect(session.token).toBeNull();
  });

  it('has run out only when its time is over', () => {
    for (const [secondsLeft, hasExpired] of [
      [3600, false],
      [2, true], // by the clock of the API, which has refused the token
      [-1, true],
    ] as const) {
      session.signIn(createToken({ sub: 'alice', exp: NOW / 1000 + secondsLeft }));
      session.refuse();
      expect(session.hasExpired).toBe(hasExpired);
    }
  });

  it('knows that a link without a whole token was opened, until somebody signs in', () => {
    session.open('#token=abc', false);
    expect(session.isLinkBroken).toBe(true);
    session.signIn(TOKEN);
    expect(session.isLinkBroken).toBe(false);
  });

  it('is refused from the start with an old token', () => {
    session.signIn(createToken({ sub: 'alice', exp: NOW / 1000 - 1 }));
    expect(session.isRefused).toBe(true);
  });
});

describe('a link that is opened while somebody is signed in', () => {
  const BOB = createToken({ sub: 'bob', name: 'Bob', exp: NOW / 1000 + 60 });

  beforeEach(() => void session.signIn(TOKEN));
  afterEach(() => session.answerOffer(false));

  function follow(token: string): void {
    history.replaceState(null, '', `/#token=${token}`);
    takeTokenFromAddress(false);
  }

  it('leaves the address and changes nothing before they have decided', () => {
    follow(BOB);
    expect(location.hash).toBe('');
    expect(session.token).toBe(TOKEN);
    expect(sessionStorage.getItem('stockroom.token')).toBe(TOKEN);
    expect(session.offeredClaims?.name).toBe('Bob');
  });

  it('keeps the old session on no', () => {
    follow(BOB);
    session.answerOffer(false);
    expect(session.claims?.name).toBe('Alice');
    expect(session.offeredClaims).toBeNull();
  });

  it('replaces the old session on yes', () => {
    follow(BOB);
    session.answerOffer(true);
    expect(session.claims?.name).toBe('Bob');
    expect(sessionStorage.getItem('stockroom.token')).toBe(BOB);
    expect(session.offeredClaims).toBeNull();
  });

  it('is not asked about when it is the same, has no token, or the old session has run out', () => {
    follow(TOKEN);
    follow('nonsense');
    expect(location.hash).toBe('');
    expect(session.offeredClaims).toBeNull();
    session.refuse();
    follow(BOB);
    expect(session.offeredClaims).toBeNull();
    expect(session.claims?.name).toBe('Bob');
  });
});

describe('takeTokenFromAddress', () => {
  it('moves the token out of the address', () => {
    history.replaceState(null, '', `/upload?x=1#token=${TOKEN}`);
    takeTokenFromAddress(false);
    expect(location.pathname + location.search + location.hash).toBe('/upload?x=1');
    expect(session.token).toBe(TOKEN);
    expect(sessionStorage.getItem('stockroom.token')).toBe(TOKEN);
  });

  it('leads nowhere else, whatever the address looks like', () => {
    history.replaceState(null, '', `${location.origin}//elsewhere.test/x#token=${TOKEN}`);
    takeTokenFromAddress(false);
    expect(location.href).toBe(`${location.origin}/elsewhere.test/x`);
    expect(session.token).toBe(TOKEN);
  });
});

describe('a link that is opened while files wait and nobody is signed in', () => {
  it.each(['signed out', 'run out'])('is asked about (%s)', (how) => {
    if (how === 'run out') {
      session.signIn(createToken({ sub: 'ann', exp: NOW / 1000 - 1 }));
    }
    history.replaceState(null, '', `/#token=${TOKEN}`);
    takeTokenFromAddress(true);
    expect(session.isSignedIn).toBe(false);
    expect(session.offeredClaims?.name).toBe('Alice');
    session.answerOffer(false);
    expect(session.isSignedIn).toBe(false);
    history.replaceState(null, '', `/#token=${TOKEN}`);
    takeTokenFromAddress(true);
    session.answerOffer(true);
    expect(session.claims?.name).toBe('Alice');
  });
});
