// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { localClock } from '../../src/app/clock';
import { session } from '../../src/app/session.svelte';
import { SignIn, verifyToken, type Verdict, type WaitingFiles } from '../../src/app/sign-in.svelte';
import { createToken } from '../fixtures';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const ALICE = createToken({ sub: 'alice', name: 'Alice', exp: NOW / 1000 + 60 });
const ALICE_LATER = createToken({ sub: 'alice', name: 'Alice', exp: NOW / 1000 + 600 });
const BOB = createToken({ sub: 'bob', name: 'Bob', exp: NOW / 1000 + 60 });

const ACCEPTED: Verdict = { name: 'accepted' };

let verdicts: Verdict[];
let asked: string[];
let link: SignIn;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  // Whoever was signed in by another test, with a token that no longer counts.
  session.signIn(BOB);
  session.signOut();
  verdicts = [];
  asked = [];
  link = new SignIn({
    verify: (token) => {
      asked.push(token);
      return Promise.resolve(verdicts.shift() ?? ACCEPTED);
    },
    clock: localClock,
  });
});
afterEach(() => void vi.useRealTimers());

/** Files in this tab that were chosen at a moment of the page (ms), or before the page was loaded (-1). */
const filesOf = (chosen: number): WaitingFiles => ({
  part: { queue: { hasUnsentFilesFrom: (before) => chosen < before } },
});
const nothingWaits: WaitingFiles = { part: null };

describe('a sign-in link', () => {
  it('signs in once the API has accepted it, and not before', async () => {
    const opened = link.open(`#token=${ALICE}`, nothingWaits);
    expect(link.state.name).toBe('checking');
    expect(session.token).toBeNull();
    await opened;
    expect(link.state.name).toBe('idle');
    expect(session.claims?.name).toBe('Alice');
  });

  it.each(['expired', 'withdrawn', 'foreign'] as const)('that is %s says so', async (problem) => {
    verdicts = [{ name: 'refused', problem }];
    link.onproblem = vi.fn();
    await link.open(`#token=${ALICE}`, nothingWaits);
    expect(link.state).toMatchObject({ name: 'refused', problem, claims: { name: 'Alice' } });
    expect(session.token).toBeNull();
    expect(link.onproblem).toHaveBeenCalledOnce();
  });

  it('that has run out says so, though the API knows its signature no longer', async () => {
    const old = createToken({ sub: 'alice', name: 'Alice', exp: NOW / 1000 - 86_400 });
    verdicts = [
      { name: 'refused', problem: 'foreign' },
      { name: 'refused', problem: 'withdrawn' },
    ];
    await link.open(`#token=${old}`, nothingWaits);
    expect(link.state).toMatchObject({ name: 'refused', problem: 'expired', claims: { name: 'Alice' } });
    await link.open(`#token=${old}`, nothingWaits);
    expect(link.state).toMatchObject({ name: 'refused', problem: 'withdrawn' });
  });

  it('that is not whole says so, whoever is signed in, and the API is not asked', async () => {
    session.signIn(BOB);
    link.onproblem = vi.fn();
    await link.open('#token=abc', nothingWaits);
    expect(link.state).toEqual({ name: 'refused', problem: 'broken', claims: null });
    expect(session.claims?.name).toBe('Bob');
    expect(asked).toEqual([]);
    expect(link.onproblem).toHaveBeenCalledOnce();
  });

  it('whose token is signed in another way is not called incomplete, whatever its token says', async () => {
    const token = `${btoa('{"alg":"ES256"}')}.${btoa('{"uid":7}')}.${'s'.repeat(86)}`;
    verdicts = [{ name: 'refused', problem: 'foreign' }, ACCEPTED];
    for (const _ of [...verdicts]) {
      await link.open(`#token=${token}`, nothingWaits);
      expect(link.state).toEqual({ name: 'refused', problem: 'foreign', claims: null });
    }
    expect(session.token).toBeNull();
  });

  it('is tried again until there is an answer, and its person is told once', async () => {
    const none: Verdict = { name: 'unanswered', detail: 'The database wakes up.', retryAfter: 2 };
    verdicts = [none, none];
    link.onproblem = vi.fn();
    await link.open(`#token=${ALICE}`, nothingWaits);
    expect(link.state).toEqual({ name: 'unanswered', detail: none.detail, isRetried: true });
    await vi.advanceTimersByTimeAsync(2000);
    expect(session.isSignedIn).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(session.claims?.name).toBe('Alice');
    expect(link.onproblem).toHaveBeenCalledOnce();
  });

  it('is asked about once where asking again would not help, and when its person wants it', async () => {
    const none: Verdict = { name: 'unanswered', detail: 'It was refused on its way.', retryAfter: null };
    verdicts = [none, none];
    await link.open(`#token=${ALICE}`, nothingWaits);
    expect(link.state).toEqual({ name: 'unanswered', detail: none.detail, isRetried: false });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toEqual([ALICE]);
    await link.retry();
    expect(asked).toEqual([ALICE, ALICE]);
  });

  it('gives way to a later one', async () => {
    const first = link.submit(ALICE);
    await Promise.all([first, link.submit(BOB)]);
    expect(session.claims?.name).toBe('Bob');
    expect(asked).toEqual([ALICE, BOB]);
  });

  it('that signs the same person in again asks nobody, and the same token nothing', async () => {
    session.signIn(ALICE);
    await link.open(`#token=${ALICE}`, nothingWaits);
    expect(asked).toEqual([]);
    await link.open(`#token=${ALICE_LATER}`, nothingWaits);
    expect(link.state.name).toBe('idle');
    expect(session.token).toBe(ALICE_LATER);
  });

  it('that was pasted signs all tabs in if its person wants that, also after a delay, and else this one', async () => {
    await link.submit(ALICE);
    expect(session.isShared).toBe(false);
    session.signOut();
    verdicts = [{ name: 'unanswered', detail: '', retryAfter: 2 }];
    await link.submit(ALICE, true);
    await vi.advanceTimersByTimeAsync(2000);
    expect(session.isShared).toBe(true);
    expect(localStorage.getItem('stockroom.token')).toBe(ALICE);
    // What was chosen for one link says nothing of a later one.
    session.signOut();
    await link.open(`#token=${ALICE_LATER}`, nothingWaits);
    expect(session.isShared).toBe(false);
  });

  it('that was pasted asks nobody', async () => {
    session.signIn(ALICE);
    await link.submit(BOB);
    expect(session.claims?.name).toBe('Bob');
  });
});

describe('a link that is opened while somebody else is signed in', () => {
  beforeEach(async () => {
    session.signIn(ALICE);
    await link.open(`#token=${BOB}`, nothingWaits);
  });

  it('changes nothing before they have decided', () => {
    expect(link.state).toMatchObject({ name: 'asking', claims: { name: 'Bob' } });
    expect(session.token).toBe(ALICE);
    expect(sessionStorage.getItem('stockroom.token')).toBe(ALICE);
  });

  it.each([
    [false, 'Alice'],
    [true, 'Bob'],
  ])('does as they say: %s', (isAccepted, name) => {
    link.answer(isAccepted);
    expect(link.state.name).toBe('idle');
    expect(session.claims?.name).toBe(name);
  });

  it('is not asked about when the session has run out', async () => {
    link.dismiss();
    session.refuse();
    await link.open(`#token=${BOB}`, nothingWaits);
    expect(session.claims?.name).toBe('Bob');
  });
});

it.each(['signed out', 'run out'])('a link is asked about while files wait (%s)', async (how) => {
  if (how === 'run out') session.signIn(createToken({ sub: 'ann', exp: NOW / 1000 - 1 }));
  await link.open(`#token=${ALICE}`, filesOf(-1));
  expect(link.state.name).toBe('asking');
  link.answer(false);
  expect(session.isSignedIn).toBe(false);
  await link.open(`#token=${ALICE}`, filesOf(-1));
  link.answer(true);
  expect(session.claims?.name).toBe('Alice');
});

it('a link is not asked about for files that were chosen while it was being checked', async () => {
  const none: Verdict = { name: 'unanswered', detail: 'The database wakes up.', retryAfter: 2 };
  verdicts = [none];
  const files = { part: null as WaitingFiles['part'] };
  await link.open(`#token=${ALICE}`, files);
  vi.advanceTimersByTime(1000);
  files.part = filesOf(performance.now()).part;
  await vi.advanceTimersByTimeAsync(1000);
  expect(link.state.name).toBe('idle');
  expect(session.claims?.name).toBe('Alice');
});

it('a link is asked about for files that come back from the page before while it is being checked', async () => {
  verdicts = [{ name: 'unanswered', detail: 'The database wakes up.', retryAfter: 2 }];
  const files = { part: null as WaitingFiles['part'] };
  await link.open(`#token=${ALICE}`, files);
  files.part = filesOf(-1).part;
  await vi.advanceTimersByTimeAsync(2000);
  expect(link.state.name).toBe('asking');
});

describe('verifyToken', () => {
  function answer(status: number, code = 'unknown', headers: HeadersInit = {}): Promise<Verdict> {
    const body = JSON.stringify({ code, detail: 'A sentence.' });
    return verifyToken(ALICE, () => Promise.resolve(new Response(body, { status, headers })));
  }

  it.each([
    [200, 'unknown', ACCEPTED],
    [403, 'scope-missing', ACCEPTED],
    [401, 'token-expired', { name: 'refused', problem: 'expired' }],
    [401, 'token-revoked', { name: 'refused', problem: 'withdrawn' }],
    [401, 'token-invalid', { name: 'refused', problem: 'foreign' }],
    [503, 'busy', { name: 'unanswered', detail: 'A sentence.', retryAfter: 5 }],
  ])('takes %i (%s) for %o', async (status, code, verdict) => {
    expect(await answer(status, code)).toEqual(verdict);
  });

  it.each([
    [400, null],
    [403, null],
    // An address may be unknown for a moment.
    [404, 5],
    [413, null],
    [431, null],
    [494, null],
  ])('learns nothing from a %i by what is in front of the API', async (status, retryAfter) => {
    expect(await answer(status)).toMatchObject({ name: 'unanswered', retryAfter });
  });

  it('waits as long as the API says', async () => {
    const verdict = await answer(503, 'database-waking', { 'Retry-After': '17' });
    expect(verdict).toMatchObject({ name: 'unanswered', retryAfter: 17 });
    expect(await answer(503, 'busy', { 'Retry-After': '0' })).toMatchObject({ retryAfter: 1 });
  });

  it('knows nothing without an answer', async () => {
    const verdict = await verifyToken(ALICE, () => Promise.reject(new TypeError('Failed to fetch')));
    expect(verdict).toMatchObject({ name: 'unanswered', retryAfter: 5 });
    expect(verdict).not.toBeInstanceOf(ApiError);
  });

  it('sends the token that it is asked about', async () => {
    const send = vi.fn(() => Promise.resolve(new Response('{}')));
    await verifyToken(BOB, send);
    const [, init] = send.mock.calls[0] as unknown as [string, RequestInit];
    expect(init.headers).toMatchObject({ Authorization: `Bearer ${BOB}` });
  });
});
