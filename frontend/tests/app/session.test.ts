// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Session, session } from '../../src/app/session.svelte';
import { createToken } from '../fixtures';

const KEY = 'stockroom.token';
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

  it('is refused from the start with an old token', () => {
    session.signIn(createToken({ sub: 'alice', exp: NOW / 1000 - 1 }));
    expect(session.isRefused).toBe(true);
  });
});

describe('a sign-in that the tabs of a browser share', () => {
  const BOB = createToken({ sub: 'bob', name: 'Bob', exp: NOW / 1000 + 60 });
  const LATER = createToken({ sub: 'alice', name: 'Alice', exp: NOW / 1000 + 600 });

  beforeEach(() => {
    session.signIn(TOKEN);
    session.share(true);
  });
  afterEach(() => {
    session.signOut();
    localStorage.clear();
  });

  /** What this tab hears when another one has changed the storage that they share. */
  function changeElsewhere(token: string | null): void {
    const oldValue = localStorage.getItem(KEY);
    if (token === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, token);
    const event = { key: KEY, oldValue, newValue: token, storageArea: localStorage };
    dispatchEvent(new StorageEvent('storage', event));
  }

  function listStored(): (string | null)[] {
    return [sessionStorage.getItem(KEY), localStorage.getItem(KEY)];
  }

  it('is in all tabs only as long as the person wants that', () => {
    expect(listStored()).toEqual([null, TOKEN]);
    session.share(false);
    expect(listStored()).toEqual([TOKEN, null]);
    expect(session.isSignedIn).toBe(true);
  });

  it('ends everywhere', () => {
    session.signOut();
    expect(listStored()).toEqual([null, null]);
    session.signIn(TOKEN);
    session.share(true);
    changeElsewhere(null);
    expect(session.token).toBeNull();
  });

  it('ends everywhere also for tabs in which the same person had signed in before', () => {
    session.share(false);
    changeElsewhere(LATER);
    expect(session.token).toBe(TOKEN);
    changeElsewhere(null);
    expect(session.token).toBeNull();

    session.signIn(TOKEN);
    changeElsewhere(LATER);
    session.signOut();
    expect(listStored()).toEqual([null, null]);
  });

  it('is taken by no tab in which photos of somebody else wait', () => {
    const asked: string[] = [];
    session.mayFollow = (owner) => {
      asked.push(owner);
      return false;
    };
    try {
      session.refuse();
      changeElsewhere(BOB);
      expect(session.claims?.name).toBe('Alice');
      expect([session.isShared, session.isRefused]).toEqual([false, true]);
      expect(listStored()).toEqual([TOKEN, BOB]);
      session.signOut();
      changeElsewhere(BOB);
      expect(session.token).toBeNull();
      expect(asked).toEqual(['["","bob"]', '["","bob"]']);
    } finally {
      session.mayFollow = () => true;
    }
  });

  it('goes on with a newer token of the same person', () => {
    changeElsewhere(LATER);
    expect(session.token).toBe(LATER);
    expect(session.isShared).toBe(true);
  });

  it('is not replaced by somebody else who signs in elsewhere', () => {
    changeElsewhere(BOB);
    expect(session.claims?.name).toBe('Alice');
    expect(listStored()).toEqual([TOKEN, BOB]);
    session.signOut();
    expect(listStored()).toEqual([null, BOB]);
  });

  it('stays as it is in other tabs when somebody else signs in here', () => {
    session.signIn(BOB);
    expect(session.isShared).toBe(false);
    expect(listStored()).toEqual([BOB, TOKEN]);
  });

  it('begins in a tab in which nobody is signed in, and in none that is somebody’s alone', () => {
    session.share(false);
    changeElsewhere(BOB);
    expect(session.claims?.name).toBe('Alice');
    session.signOut();
    changeElsewhere(BOB);
    expect(session.claims?.name).toBe('Bob');
    expect(session.isShared).toBe(true);
  });

  it('is found by a tab that is opened later', () => {
    const later = new Session();
    expect([later.token, later.isShared]).toEqual([TOKEN, true]);
  });
});
