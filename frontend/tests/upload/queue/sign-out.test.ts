import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { localClock } from '../../../src/app/clock';
import { SignOut, type Forgotten, type LostPhoto } from '../../../src/upload/queue/sign-out.svelte';
import { SignOutWish } from '../../../src/upload/queue/sign-out-wish';
import { Counter } from '../../reactive.svelte';
import { MemoryStorage } from '../keeping/memory-store';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Signing out while `active.count` photos are under way, `waiting.count` wait, and `retryable.count` may be tried again. */
function create(count: number, wait = 0, storage = new MemoryStorage(), tokens = 0) {
  const [active, waiting, retryable, person] = [new Counter(), new Counter(), new Counter(), new Counter()];
  const unkept = new Counter();
  const lost: LostPhoto[] = [];
  const others = { count: 0, forgotten: Promise.resolve<Forgotten>({ elsewhere: 0, rows: null }) };
  active.count = count;
  waiting.count = wait;
  const token = new Counter();
  token.count = tokens;
  const session = {
    isRenewed: false,
    isShared: false,
    get owner() {
      return person.count === 1 ? null : person.count === 0 ? 'alice' : 'bob';
    },
    get token() {
      // The shortest token that the API takes is far longer.
      return person.count === 1 ? null : `header.claims-of-the-token.signature-of-token-${token.count}`;
    },
    signOut: () => void (person.count = 1),
    signIn: (who = 'alice') => {
      session.isRenewed = false;
      token.count += 1;
      person.count = who === 'alice' ? 0 : 2;
    },
    renew: () => {
      session.isRenewed = true;
      token.count += 1;
    },
  };
  const missing = new Counter();
  const undeleted = new Counter();
  const unsaved = new Counter();
  const calls: string[] = [];
  const signOut = new SignOut(
    session,
    {
      countActive: () => active.count,
      countWaiting: () => waiting.count,
      countUnkept: () => unkept.count,
      countRetryable: () => retryable.count,
      countUndeleted: () => undeleted.count,
      countUnsaved: () => unsaved.count,
      countMissing: () => missing.count,
      listLost: () => lost,
      finish: () => void calls.push('finish'),
      keep: () => void calls.push('keep'),
      countElsewhere: async () => others.count,
      forget: () => {
        calls.push(`forget as ${session.owner}`);
        return others.forgotten;
      },
    },
    localClock,
    new SignOutWish(storage),
  );
  // The effects have seen who is signed in.
  flushSync();
  return {
    active,
    waiting,
    retryable,
    missing,
    undeleted,
    unsaved,
    unkept,
    lost,
    others,
    session,
    signOut,
    calls,
    storage,
  };
}

it('says how many photos the browser keeps, and how many it could not keep', () => {
  const { unkept, session, signOut } = create(3, 2);
  unkept.count = 2;
  void signOut.request();
  signOut.answer('keep');
  flushSync();
  expect(session.owner).toBeNull();
  expect(signOut.outcome).toMatchObject({ kept: 3, unkept: 2, lost: [], forgotten: 0 });
  signOut.dismiss();
  expect(signOut.outcome).toBeNull();
});

it('says what has failed for good, also where nothing is kept', () => {
  const { active, lost, session, signOut } = create(1);
  void signOut.request();
  signOut.answer('finish');
  lost.push({ name: 'photo.jpg', detail: 'The file is damaged.' });
  active.count = 0;
  flushSync();
  expect(session.owner).toBeNull();
  expect(signOut.outcome).toMatchObject({ kept: 0, unkept: 0, lost });
});

it('asks before it ends a deletion that waits, also where no photo does', () => {
  const { undeleted, session, signOut } = create(0);
  undeleted.count = 4;
  void signOut.request();
  expect(signOut.isAsking).toBe(true);
  expect(session.owner).toBe('alice');
  signOut.answer('keep');
  flushSync();
  expect(session.owner).toBeNull();
  expect(signOut.outcome).toBeNull();
});

describe('where edits are not saved', () => {
  it('asks before they are lost', async () => {
    const { unsaved, session, signOut } = create(0);
    unsaved.count = 1;
    void signOut.request();
    await vi.advanceTimersByTimeAsync(500);
    expect([signOut.isAsking, session.owner]).toEqual([true, 'alice']);
    signOut.answer('keep');
    expect(session.owner).toBeNull();
  });

  it('asks nothing about what is saved at once, as the button takes the focus from its field', async () => {
    const { unsaved, session, signOut } = create(0);
    unsaved.count = 1;
    void signOut.request();
    await vi.advanceTimersByTimeAsync(100);
    unsaved.count = 0;
    flushSync();
    await vi.advanceTimersByTimeAsync(0);
    expect([signOut.isAsking, session.owner]).toEqual([false, null]);
  });

  it('asks about what was typed while photos were finished, and not about what was told before', async () => {
    const { active, unsaved, session, signOut } = create(1);
    unsaved.count = 1;
    void signOut.request();
    signOut.answer('finish');
    unsaved.count = 2;
    active.count = 0;
    flushSync();
    await vi.advanceTimersByTimeAsync(500);
    expect([signOut.isAsking, session.owner, signOut.endsAt === null]).toEqual([true, 'alice', false]);
    signOut.answer('stay');
    active.count = 1;
    void signOut.request();
    signOut.answer('finish');
    active.count = 0;
    flushSync();
    expect([signOut.isAsking, session.owner]).toEqual([false, null]);
  });

  it('asks nothing about what is just being saved when the last photo arrives', async () => {
    const { active, unsaved, session, signOut } = create(1);
    void signOut.request();
    signOut.answer('finish');
    unsaved.count = 1;
    active.count = 0;
    flushSync();
    await vi.advanceTimersByTimeAsync(100);
    unsaved.count = 0;
    flushSync();
    await vi.advanceTimersByTimeAsync(0);
    expect([signOut.isAsking, session.owner]).toEqual([false, null]);
  });

  it('waits for photos that are chosen while it waits for what is just being saved', async () => {
    const { active, unsaved, session, signOut } = create(1);
    void signOut.request();
    signOut.answer('finish');
    unsaved.count = 1;
    active.count = 0;
    flushSync();
    active.count = 1;
    flushSync();
    await vi.advanceTimersByTimeAsync(500);
    expect([signOut.isFinishing, signOut.isAsking, session.owner]).toEqual([true, false, 'alice']);
  });

  it('asks about what was typed after all that was told of had been saved', async () => {
    const { active, unsaved, session, signOut } = create(1);
    unsaved.count = 1;
    void signOut.request();
    signOut.answer('finish');
    flushSync();
    unsaved.count = 0;
    flushSync();
    unsaved.count = 1;
    active.count = 0;
    flushSync();
    await vi.advanceTimersByTimeAsync(500);
    expect([signOut.isAsking, session.owner]).toEqual([true, 'alice']);
  });

  it('does not sign out somebody else who has signed in meanwhile', async () => {
    const { unsaved, session, signOut } = create(0);
    unsaved.count = 1;
    void signOut.request();
    session.signIn('bob');
    flushSync();
    await vi.advanceTimersByTimeAsync(500);
    expect([signOut.isAsking, session.owner]).toEqual([false, 'bob']);
  });
});

it('has nothing to tell after a sign-out in which all was done', () => {
  const { active, signOut } = create(1);
  void signOut.request();
  signOut.answer('finish');
  active.count = 0;
  flushSync();
  expect(signOut.outcome).toBeNull();
});

it('signs out at once whoever forgets the photos, and says what the library answers when it does', async () => {
  const { others, session, signOut, calls } = create(3, 2);
  const answer: Forgotten = { elsewhere: 0, rows: { name: 'arrived', count: 1 } };
  others.forgotten = new Promise((resolve) => setTimeout(() => resolve(answer), 5000));
  void signOut.request();
  signOut.answer('forget');
  flushSync();
  // The request about them needs the token, which is gone afterwards.
  expect(calls).toEqual(['forget as alice']);
  expect(session.owner).toBeNull();
  expect(signOut.outcome).toMatchObject({ forgotten: 5, rows: null });
  await vi.advanceTimersByTimeAsync(5000);
  expect(signOut.outcome).toMatchObject({ forgotten: 5, rows: { name: 'arrived', count: 1 } });
});

it('tells nobody who has signed in meanwhile of what somebody else has forgotten', async () => {
  const { others, session, signOut } = create(3);
  const answer: Forgotten = { elsewhere: 0, rows: { name: 'cancelled' } };
  others.forgotten = new Promise((resolve) => setTimeout(() => resolve(answer), 5000));
  void signOut.request();
  signOut.answer('forget');
  flushSync();
  session.signIn();
  flushSync();
  await vi.advanceTimersByTimeAsync(5000);
  expect(signOut.outcome).toBeNull();
});

describe('the wish to be signed out once all is finished, after the tab was loaded again', () => {
  /** What the tab has of somebody who had the wish while three photos were under way. */
  function reload(
    active = 3,
    change: (parts: ReturnType<typeof create>) => void = () => undefined,
    tokens = 0,
  ) {
    const before = create(3);
    void before.signOut.request();
    before.signOut.answer('finish');
    change(before);
    flushSync();
    before.session.signIn = before.session.signOut = () => undefined;
    return create(active, 0, before.storage, tokens);
  }

  it('is taken up once the photos are there again, and not before', () => {
    // Nothing is in the list yet.
    const { active, session, signOut } = reload(0);
    expect(session.owner).toBe('alice');
    active.count = 3;
    signOut.takeUp();
    flushSync();
    expect(signOut.isFinishing).toBe(true);
    expect(session.owner).toBe('alice');
    active.count = 0;
    flushSync();
    expect(session.owner).toBeNull();
  });

  it('ends with the sign-out, and signs out nobody who comes later', () => {
    const parts = reload();
    parts.signOut.takeUp();
    parts.active.count = 0;
    flushSync();
    expect(parts.session.owner).toBeNull();
    const { session, signOut } = create(0, 0, parts.storage);
    signOut.takeUp();
    flushSync();
    expect(session.owner).toBe('alice');
  });

  it('is not that of whoever has signed in since, also where that is the same person', () => {
    const parts = reload();
    parts.session.signIn();
    flushSync();
    parts.signOut.takeUp();
    parts.active.count = 0;
    flushSync();
    expect(parts.signOut.isFinishing).toBe(false);
    expect(parts.session.owner).toBe('alice');
  });

  it('ends, too, where somebody signs in while it is being fulfilled', () => {
    const { active, session, signOut } = create(3);
    void signOut.request();
    signOut.answer('finish');
    flushSync();
    session.signIn();
    flushSync();
    expect(signOut.isFinishing).toBe(false);
    active.count = 0;
    flushSync();
    expect(session.owner).toBe('alice');
  });

  it('stays with a session whose token was renewed', () => {
    const parts = create(3);
    void parts.signOut.request();
    parts.signOut.answer('finish');
    flushSync();
    parts.session.renew();
    flushSync();
    expect(parts.signOut.isFinishing).toBe(true);
    expect(new SignOutWish(parts.storage).isOf(parts.session.token)).toBe(true);
  });

  it.each([
    [true, 'stays with a person whose shared session another tab has renewed meanwhile'],
    [false, 'is not that of a session of this tab alone that has begun meanwhile'],
  ])('(shared: %s) %s', (isShared) => {
    const { active, session, signOut } = reload(3, undefined, 1);
    session.isShared = isShared;
    signOut.takeUp();
    expect(signOut.isFinishing).toBe(isShared);
    active.count = 0;
    flushSync();
    expect(session.owner).toBe(isShared ? null : 'alice');
  });

  it('ends with another person’s sign-in also where the browser refuses to store it', () => {
    const storage = new MemoryStorage();
    storage.setItem = () => {
      throw new DOMException('The disk is full.', 'QuotaExceededError');
    };
    const { active, session, signOut } = create(3, 0, storage);
    void signOut.request();
    signOut.answer('finish');
    flushSync();
    expect(signOut.isFinishing).toBe(true);
    session.signIn('bob');
    flushSync();
    expect(signOut.isFinishing).toBe(false);
    active.count = 0;
    flushSync();
    expect(session.owner).toBe('bob');
  });

  it.each([
    ['alice', true, 'stays with the person whose shared session another tab has renewed'],
    ['bob', false, 'ends with another person whose session the tabs share'],
  ])('(%s) %s', (who, stays) => {
    const { active, session, signOut } = create(3);
    session.isShared = true;
    void signOut.request();
    signOut.answer('finish');
    flushSync();
    session.signIn(who);
    flushSync();
    expect(signOut.isFinishing).toBe(stays);
    active.count = 0;
    flushSync();
    expect(session.owner).toBe(stays ? null : who);
  });

  it.each(['stay', 'keep'] as const)('ends with the answer %s', (answer) => {
    const { session, signOut } = reload(3, (before) => before.signOut.answer(answer));
    signOut.takeUp();
    expect(signOut.isFinishing).toBe(false);
    expect(session.owner).toBe('alice');
  });

  it('has nothing of a token that would sign somebody in', () => {
    const { storage, session } = reload();
    const stored = storage.getItem(storage.key(0) ?? '') ?? '';
    expect(stored).not.toBe('');
    expect(stored.length).toBeLessThan((session.token ?? '').length / 2);
  });

  it('asks first, for as long as after a failure, where photos that were under way are missing', () => {
    const { missing, waiting, session, signOut, active } = reload(1);
    missing.count = waiting.count = 2;
    signOut.takeUp();
    flushSync();
    active.count = 0;
    flushSync();
    expect(session.owner).toBe('alice');
    expect(signOut.isAsking).toBe(true);
    expect(signOut.endsAt).toBeGreaterThan(localClock.now());
    vi.advanceTimersByTime(1e6);
    expect(session.owner).toBeNull();
    expect(signOut.outcome?.kept).toBe(2);
  });
});

/** The last photo under way has failed, while somebody waits to be signed out. */
function createFailed() {
  const parts = create(3);
  void parts.signOut.request();
  parts.signOut.answer('finish');
  flushSync();
  parts.active.count = 0;
  parts.retryable.count = parts.waiting.count = 1;
  flushSync();
  return parts;
}

it('ends the session at once when no photo would stay behind', async () => {
  const { session, signOut } = create(0);
  await signOut.request();
  expect(session.owner).toBeNull();
});

it.each([
  ['are under way', 3, 0],
  ['wait', 0, 2],
])('asks while photos %s, and changes nothing when somebody stays', (_what, active, waiting) => {
  const { session, signOut } = create(active, waiting);
  void signOut.request();
  expect(signOut.isAsking).toBe(true);
  signOut.answer('stay');
  expect(signOut.isAsking).toBe(false);
  expect(session.owner).toBe('alice');
});

it.each(['keep', 'forget'] as const)(
  'ends the session at once, and has the photos do what the answer %s says',
  (answer) => {
    const { session, signOut, calls } = create(3, 2);
    void signOut.request();
    signOut.answer(answer);
    expect(session.owner).toBeNull();
    expect(calls).toEqual([answer === 'forget' ? 'forget as alice' : answer]);
  },
);

it('has the photos go on when they are to be finished, and no other time', () => {
  const { signOut, calls } = create(3);
  void signOut.request();
  signOut.answer('stay');
  expect(calls).toEqual([]);
  void signOut.request();
  signOut.answer('finish');
  expect(calls).toEqual(['finish']);
});

it('ends the session once the last photo is finished', () => {
  const { active, session, signOut } = create(3);
  void signOut.request();
  signOut.answer('finish');
  flushSync();
  expect(session.owner).toBe('alice');
  active.count = 0;
  flushSync();
  expect(session.owner).toBeNull();
  expect(signOut.isFinishing).toBe(false);
});

it('asks no longer once another tab has signed out', () => {
  const { session, signOut, calls } = create(0, 2);
  void signOut.request();
  session.signOut();
  flushSync();
  expect(signOut.isAsking).toBe(false);
  expect(calls).toEqual([]);
});

it('asks again when photos have failed, instead of signing out', () => {
  const { session, signOut, calls } = createFailed();
  expect(session.owner).toBe('alice');
  expect(signOut.isAsking).toBe(true);
  expect(signOut.isFinishing).toBe(false);
  signOut.answer('stay');
  vi.advanceTimersByTime(1e6);
  expect(session.owner).toBe('alice');
  expect(calls).toEqual(['finish']);
});

it('goes on with what has failed, and asks once more if it fails again', () => {
  const { active, session, signOut, calls } = createFailed();
  active.count = 1;
  signOut.answer('finish');
  flushSync();
  expect(signOut.isFinishing).toBe(true);
  vi.advanceTimersByTime(1e6);
  expect(session.owner).toBe('alice');
  active.count = 0;
  flushSync();
  expect(signOut.isAsking).toBe(true);
  expect(calls).toEqual(['finish', 'finish']);
});

it('signs out whoever has gone away, and keeps what has failed', () => {
  const { session, signOut, calls } = createFailed();
  expect(signOut.endsAt).toBeGreaterThan(localClock.now());
  vi.advanceTimersByTime((signOut.endsAt ?? 0) - localClock.now() - 1);
  expect(session.owner).toBe('alice');
  vi.advanceTimersByTime(1);
  expect(session.owner).toBeNull();
  expect(calls).toEqual(['finish', 'keep']);
});

it('says how many photos the browser keeps, until somebody signs in', () => {
  const { session, signOut } = create(3, 2);
  void signOut.request();
  signOut.answer('keep');
  flushSync();
  expect(signOut.outcome?.kept).toBe(5);
  session.signIn();
  flushSync();
  expect(signOut.outcome).toBeNull();
});

describe('photos of other tabs', () => {
  it('are asked about, too, where this tab has none', async () => {
    const { others, session, signOut } = create(0);
    others.count = 2;
    await signOut.request();
    expect(signOut.isAsking).toBe(true);
    expect(signOut.elsewhere).toBe(2);
    expect(session.owner).toBe('alice');
    signOut.answer('stay');
    expect(signOut.elsewhere).toBe(0);
  });

  it('are counted beside those of this tab', async () => {
    const { others, signOut } = create(1);
    others.count = 2;
    await signOut.request();
    expect(signOut.elsewhere).toBe(2);
  });

  it('are forgotten with the others, as many as there were', async () => {
    const { others, signOut } = create(0, 1);
    others.count = 2;
    // One of them has arrived since somebody was asked.
    others.forgotten = Promise.resolve({ elsewhere: 1, rows: null });
    await signOut.request();
    signOut.answer('forget');
    flushSync();
    expect(signOut.outcome?.forgotten).toBe(3);
    await vi.advanceTimersByTimeAsync(0);
    expect(signOut.outcome?.forgotten).toBe(2);
  });

  it.each([
    [true, 'are kept with the session that the tabs share'],
    [false, 'go on in tabs that are signed in by themselves'],
  ])('(shared: %s) %s', async (isShared) => {
    const { others, session, signOut } = create(0, 1);
    session.isShared = isShared;
    others.count = 2;
    await signOut.request();
    signOut.answer('keep');
    flushSync();
    expect(signOut.outcome?.kept).toBe(isShared ? 3 : 1);
  });

  it('sign nobody out who has come while they were counted', async () => {
    const { session, signOut } = create(0);
    const requested = signOut.request();
    session.signIn('bob');
    await requested;
    expect(session.owner).toBe('bob');
  });
});
