import { describe, expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import { createReason } from '../../../src/app/reasons';
import { localClock } from '../../../src/app/clock';
import { Draft } from '../../../src/upload/draft/draft.svelte';
import { describeChoice } from '../../../src/upload/file/choice';
import { OpenChoice } from '../../../src/upload/file/open-choice';
import { countUnkept, sumProgress } from '../../../src/upload/file/progress';
import { DraftKeeper } from '../../../src/upload/keeping/draft-keeper';
import { QueueKeeper, type KeeperPorts } from '../../../src/upload/keeping/queue-keeper.svelte';
import { deleteOld } from '../../../src/upload/keeping/old-records';
import { openFile, rememberPath } from '../../../src/upload/selection/file-handles';
import type { UploadQueue } from '../../../src/upload/queue/queue.svelte';
import type { InspectFile, Ports } from '../../../src/upload/stage/ports';
import { createEmbedded, createPhoto, createPhotos } from '../../fixtures';
import {
  countStates,
  createQueue,
  FakeLibrary,
  getItem,
  listStates,
  pass,
  useFakeTime,
} from '../fake-library';
import { MemoryLocks, MemoryStorage, MemoryStore } from './memory-store';

useFakeTime();

type Page = Awaited<ReturnType<Browser['open']>>;

/** A browser with one library: its pages come and go, what it keeps stays. */
class Browser {
  readonly store = new MemoryStore();
  readonly storage = new MemoryStorage();
  readonly locks = new MemoryLocks();
  readonly library = new FakeLibrary();
  /** Who is signed in; null as long as that is whoever has the list. */
  getOwner: (() => string) | null = null;
  /** What the queues of its pages have otherwise than those of other tests. */
  queuePorts: Partial<Ports> = {};
  #pages = 0;

  async open(
    owner: string | null = 'alice',
    ports: Partial<KeeperPorts> = {},
  ): Promise<{ queue: UploadQueue; keeper: QueueKeeper; draft: Draft; page: string }> {
    const page = `page-${++this.#pages}`;
    const queue = createQueue(this.library, { inspect, ...this.queuePorts });
    if (owner !== null) queue.resume(owner);
    const draft = new Draft();
    const drafts = new DraftKeeper(draft, {
      storage: this.storage,
      clock: localClock,
      page,
      getOwner: () => this.getOwner?.() ?? queue.owner,
    });
    const keeper = new QueueKeeper(queue, {
      store: this.store,
      drafts,
      locks: this.locks.of(page),
      clock: localClock,
      page,
      previousPage: null,
      getFreeBytes: async () => 1e9,
      persist: async () => false,
      ...ports,
    });
    queue.listener = keeper;
    await keeper.adopt(owner);
    return { queue, keeper, draft, page };
  }

  /** Ends a page in the middle of whatever it does. */
  close({ queue, page }: { queue: UploadQueue; page: string }): void {
    queue.listener = null;
    queue.suspend();
    this.locks.end(page);
  }
}

const inspect: InspectFile = async ({ name }) =>
  name.endsWith('.txt') ? { reason: createReason('not-a-picture', 'JPEG') } : { type: 'image/jpeg' };

/** A promise that is fulfilled when the test says so. */
function createGate<Value = void>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((open) => (resolve = open));
  return { promise, resolve };
}

/** A page in which one of three photos is ready, one is being sent, and one waits. */
async function beginThree(browser: Browser) {
  browser.library.putOutcome = (name, attempt) =>
    name === 'photo-1.jpg' && attempt === 1 ? 'hang' : undefined;
  const first = await browser.open();
  first.queue.add(createPhotos(2));
  first.queue.start({ tags: ['sea'] });
  await pass(5);
  first.queue.add([createPhoto('photo-2.jpg')]);
  await pass(5);
  expect(listStates(first.queue)).toEqual(['ready', 'uploading', 'hashed']);
  return first;
}

it('keeps nothing of files that are forgotten, not even of those that are just being copied', async () => {
  const browser = new Browser();
  const { queue, keeper } = await beginThree(browser);
  browser.store.copyMs = 1000;
  queue.add([createPhoto('last.jpg')]);
  await pass(0.5);
  queue.forget();
  void keeper.flush();
  await pass(5);
  expect(queue.items).toEqual([]);
  expect(browser.store.records.size).toBe(0);
  expect(browser.store.contents.size).toBe(0);
  expect(browser.library.sending).toBe(0);
});

describe('what is forgotten in another tab', () => {
  it('is counted by what is not done, with the rows that the library has', async () => {
    const browser = new Browser();
    await beginThree(browser);
    const second = await browser.open();
    // The upload that hangs has a row; the staged photo was not started, so it has none.
    expect(await second.keeper.listElsewhere('alice')).toEqual({ count: 2, ids: ['ID2'], areAll: true });
    expect(await second.keeper.listElsewhere('bob')).toEqual({ count: 0, ids: [], areAll: true });
    second.queue.add([createPhoto('own.jpg')]);
    await pass(5);
    expect((await second.keeper.listElsewhere('alice')).count).toBe(2);
  });

  it('may have rows that are not known, where a photo was just started', async () => {
    const browser = new Browser();
    browser.library.beforeCreation = () => {
      throw new NetworkError('down');
    };
    const first = await browser.open();
    first.queue.add(createPhotos(1));
    first.queue.start({});
    await pass(1);
    const second = await browser.open();
    expect(await second.keeper.listElsewhere('alice')).toEqual({ count: 1, ids: [], areAll: false });
  });

  it.each(['before', 'after'])('leaves nothing where the tabs hear of it %s the sign-out', async (when) => {
    const browser = new Browser();
    const first = await beginThree(browser);
    first.draft.description = 'a secret';
    first.keeper.drafts.save();
    const bob = await browser.open('bob');
    bob.queue.add([createPhoto('of-bob.jpg')]);
    const second = await browser.open();
    await pass(5);
    expect(browser.store.contents.size).toBe(3);
    const forgotten = second.keeper.forgetOwner('alice');
    const putAway = () => void first.keeper.putAway(() => false);
    first.queue.suspend();
    if (when === 'after') putAway();
    if (first.queue.owner === 'alice') first.queue.forget();
    first.draft.clear();
    const heard = first.keeper.forgetOwner('alice');
    if (when === 'before') putAway();
    await Promise.all([forgotten, heard, pass(5)]);
    expect([...browser.store.records.values()].map(({ name }) => name)).toEqual(['of-bob.jpg']);
    expect(browser.store.contents.size).toBe(1);
    expect(browser.storage.length).toBe(0);
  });
});

it('forgets also what this page is just taking over from one that has ended', async () => {
  const browser = new Browser();
  const first = await beginThree(browser);
  const second = await browser.open();
  browser.close(first);
  const { move } = browser.store;
  const isMoved = createGate();
  const mayGoOn = createGate();
  browser.store.move = async (...moved) => {
    const kept = await move.apply(browser.store, moved);
    isMoved.resolve();
    await mayGoOn.promise;
    return kept;
  };
  const taken = second.keeper.takeUp(first.page, 'alice');
  await isMoved.promise;
  second.queue.forget();
  const forgotten = second.keeper.forgetOwner('alice');
  await pass(1);
  mayGoOn.resolve();
  await Promise.all([taken, forgotten]);
  second.queue.suspend();
  await second.keeper.putAway(() => false);
  await pass(5);
  expect(second.queue.items).toEqual([]);
  expect(browser.store.records.size).toBe(0);
  expect(browser.store.contents.size).toBe(0);
});

describe('what is left by a page that has ended beside others', () => {
  it('goes on where its owner is signed in, also while the tab of somebody else looks at it', async () => {
    const browser = new Browser();
    const first = await beginThree(browser);
    const [bob, alice] = [await browser.open('bob'), await browser.open()];
    browser.close(first);
    const looks = [bob.keeper.takeUp(first.page, 'bob'), alice.keeper.takeUp(first.page, 'alice')];
    expect(await Promise.all(looks)).toEqual([true, false]);
    expect(await alice.keeper.takeUp(first.page, 'alice')).toBe(true);
    expect(bob.queue.items).toEqual([]);
    expect(alice.queue.items).toHaveLength(3);
  });

  it('goes on in exactly one of them, beside what that one has itself', async () => {
    const browser = new Browser();
    const first = await beginThree(browser);
    const [second, third] = [await browser.open(), await browser.open()];
    second.queue.add([createPhoto('own.jpg')]);
    await pass(5);
    await second.keeper.takeUp(first.page, 'alice');
    expect(listStates(second.queue)).toEqual(['hashed']);
    browser.close(first);
    await Promise.all([second, third].map(({ keeper }) => keeper.takeUp(first.page, 'alice')));
    await pass(5);
    expect(listStates(second.queue)).toEqual(['hashed', 'ready', 'ready', 'hashed']);
    expect(second.keeper.restored).toBe(2);
    expect(third.queue.items).toEqual([]);
    // Two were sent once, and the one that hung twice.
    expect(browser.library.puts).toHaveLength(3);
  });

  it('waits for its owner where somebody else is signed in', async () => {
    const browser = new Browser();
    const first = await beginThree(browser);
    const second = await browser.open('bob');
    browser.close(first);
    await second.keeper.takeUp(first.page, 'bob');
    expect(second.queue.items).toEqual([]);
    expect(listStates((await browser.open()).queue)).toEqual(['ready', 'queued', 'hashed']);
  });

  it('stays for its tab where nothing is left to do', async () => {
    const browser = new Browser();
    const first = await browser.open();
    first.queue.add(createPhotos(1));
    first.queue.start({});
    await pass(5);
    first.draft.description = 'of the next ones';
    first.keeper.drafts.save();
    const second = await browser.open();
    browser.close(first);
    await second.keeper.takeUp(first.page, 'alice');
    expect([second.queue.items, second.draft.description]).toEqual([[], '']);
    const again = await browser.open('alice', { previousPage: first.page });
    await again.keeper.returned;
    expect(again.draft.description).toBe('of the next ones');
  });
});

it('deletes what is older than 30 days, and nothing else, also where nobody signs in', async () => {
  const browser = new Browser();
  browser.close(await beginThree(browser));
  const day = 24 * 3600;
  await pass(20 * day);
  const second = await browser.open('bob');
  second.queue.add([createPhoto('of-bob.jpg')]);
  await pass(5);
  const { store } = browser;
  await deleteOld(store, await store.listRecords(), localClock.now());
  expect(store.records.size).toBe(4);
  await pass(11 * day);
  const left = await deleteOld(store, await store.listRecords(), localClock.now());
  expect(left.map(({ name }) => name)).toEqual(['of-bob.jpg']);
  expect([...store.records.values()]).toEqual(left);
  expect(store.contents.size).toBe(1);
});

it('keeps a photo as soon as it is chosen, and not only once others may have followed', async () => {
  const browser = new Browser();
  const first = await browser.open();
  await pass(1);
  first.queue.add(createPhotos(1));
  await pass(0.05);
  expect(first.queue.items.map(({ isKept }) => isKept)).toEqual([true]);
  browser.close(first);
  expect((await browser.open()).queue.items.map(({ file }) => file === null)).toEqual([false]);
});

it.each([0.1, 0.6])(
  'keeps a file that is removed while it is copied, and is back %s s later',
  async (seconds) => {
    const browser = new Browser();
    browser.library.answerFor = () => ({ state: 'rejected', error: { code: 'invalid-tag', detail: '' } });
    browser.store.copyMs = 1000;
    const { queue } = await browser.open();
    queue.add(createPhotos(1));
    queue.start({});
    await pass(0.3);
    queue.remove(getItem(queue, 0));
    await pass(seconds);
    queue.undoRemoval();
    await pass(5);
    expect(queue.items.map(({ isKept }) => isKept)).toEqual([true]);
    expect([...browser.store.contents.keys()]).toEqual([...browser.store.records.keys()]);
  },
);

describe('a page that was closed', () => {
  it('shows as ready what was published though its cancellation had begun and was taken back', async () => {
    const browser = new Browser();
    browser.library.processingMs = 5000;
    const first = await browser.open();
    first.queue.add(createPhotos(1));
    first.queue.start({});
    await pass(2);
    browser.library.isTooLateToCancel = true;
    first.queue.cancelAll();
    await pass(0.002);
    first.queue.undoCancellation();
    await first.keeper.flush();
    browser.close(first);
    await pass(10);
    const { queue } = await browser.open();
    await pass(10);
    expect(listStates(queue)).toEqual(['ready']);
    expect(getItem(queue, 0).state).toMatchObject({ image: { id: 'ID1' } });
    expect(browser.library.puts).toHaveLength(1);
  });

  it('shows as ready what had arrived, once its file is chosen again', async () => {
    const browser = new Browser();
    browser.store.hasSpace = false;
    browser.library.putOutcome = (_name, attempt) => (attempt === 1 ? 'hang' : undefined);
    const first = await browser.open();
    first.queue.add(createPhotos(1));
    first.queue.start({});
    await pass(2);
    browser.close(first);
    for (const row of browser.library.rows.values()) row.state = 'ready';
    const { queue } = await browser.open();
    await pass(1);
    expect(listStates(queue)).toEqual(['missing']);
    queue.add(createPhotos(1));
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
    expect(browser.library.puts).toHaveLength(1);
  });

  it('reads again what a file says about itself, of which only the hash was known', async () => {
    const browser = new Browser();
    browser.queuePorts.hash = async (_file, { onReading, onEmbedded }) => {
      onReading();
      setTimeout(onEmbedded, 2000, createEmbedded({ caption: 'A caption' }));
      return 'a'.repeat(64);
    };
    const first = await browser.open();
    first.queue.add(createPhotos(1));
    await pass(1);
    expect(listStates(first.queue)).toEqual(['hashed']);
    browser.close(first);
    const { queue } = await browser.open();
    await pass(5);
    expect(queue.items).toMatchObject([{ state: { name: 'hashed' }, embedded: { caption: 'A caption' } }]);
  });

  it('reads again what a file says about itself, also where the page in between was not allowed to read it', async () => {
    const browser = new Browser();
    browser.queuePorts.hash = async (_file, { onReading, onEmbedded }) => {
      onReading();
      setTimeout(onEmbedded, 2000, createEmbedded({ caption: 'A caption' }));
      return 'a'.repeat(64);
    };
    let permission: PermissionState = 'prompt';
    const handle = {
      kind: 'file',
      getFile: async () => createPhoto('a.jpg'),
      queryPermission: async () => permission,
    } as unknown as FileSystemFileHandle;
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(handle)]);
    await pass(1);
    browser.close(first);
    const second = await browser.open('alice', NO_ROOM);
    await pass(1);
    expect(listStates(second.queue)).toEqual(['missing']);
    browser.close(second);
    permission = 'granted';
    const { queue } = await browser.open('alice', NO_ROOM);
    await pass(5);
    expect(queue.items).toMatchObject([{ state: { name: 'hashed' }, embedded: { caption: 'A caption' } }]);
  });

  it('reads no file again that was found to say nothing about itself', async () => {
    const browser = new Browser();
    let hashes = 0;
    browser.queuePorts.hash = async (file, { onReading, onEmbedded }) => {
      hashes += 1;
      onReading();
      setTimeout(onEmbedded, 2000, null);
      return file.name.padEnd(64, 'a');
    };
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    await pass(5);
    // The page is about to end.
    await first.keeper.flush();
    browser.close(first);
    const { queue } = await browser.open();
    await pass(5);
    expect([listStates(queue), hashes]).toEqual([['hashed', 'hashed'], 2]);
  });

  it('keeps the titles that somebody has typed, and what the files say', async () => {
    const browser = new Browser();
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    first.queue.entitle(getItem(first.queue, 0), 'At the sea');
    await pass(5);
    // A file may be read after everything else about it is kept.
    getItem(first.queue, 1).setEmbedded(createEmbedded({ title: 'Harbour' }));
    await pass(5);
    browser.close(first);
    const { queue } = await browser.open();
    expect(queue.items.map(({ title }) => title)).toEqual(['At the sea', 'Harbour']);
    expect(queue.items.map(({ shownTitle }) => shownTitle)).toEqual(['At the sea', 'Harbour']);
  });

  it('keeps whether a caption in the file comes before the description of all files', async () => {
    const browser = new Browser();
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    for (const item of first.queue.items) item.setEmbedded(createEmbedded({ caption: 'Boats' }));
    first.queue.halt();
    first.queue.start({ description: 'Trip' });
    first.queue.halt();
    await pass(5);
    browser.close(first);
    const { queue } = await browser.open();
    expect(queue.items.map(({ common }) => common)).toEqual([{}, {}]);
  });

  it('stays paused until somebody resumes the uploads, and not a moment longer', async () => {
    const browser = new Browser();
    browser.library.putOutcome = () => 'hang';
    const first = await browser.open();
    first.queue.add(createPhotos(6));
    first.queue.start({});
    await pass(5);
    expect(countStates(first.queue).uploading).toBe(4);
    first.queue.halt();
    await pass(0.5);
    browser.close(first);

    const second = await browser.open();
    expect(second.queue.isHalted).toBe(true);
    expect(listStates(second.queue)).toEqual(Array(6).fill('queued'));
    second.queue.goOn();
    await pass(0.5);
    browser.close(second);

    const third = await browser.open();
    expect(third.queue.isHalted).toBe(false);
    await pass(1);
    expect(countStates(third.queue).uploading).toBe(4);
  });

  it('pauses nothing that is under way in the page that goes on with its files', async () => {
    const browser = new Browser();
    browser.library.putOutcome = () => 'hang';
    const first = await browser.open();
    first.queue.add([createPhoto('first.jpg')]);
    first.queue.start({});
    const second = await browser.open();
    second.queue.add([createPhoto('second.jpg')]);
    second.queue.start({});
    await pass(5);
    first.queue.halt();
    await pass(0.5);
    browser.close(first);
    expect(await second.keeper.takeUp(first.page, 'alice')).toBe(true);
    expect(second.queue.items).toHaveLength(2);
    expect(second.queue.isHalted).toBe(false);
  });

  it('goes on with files whose cancellation was taken back while their rows were being removed', async () => {
    const browser = new Browser();
    browser.library.putOutcome = (_name, attempt) => (attempt === 1 ? 'hang' : undefined);
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    first.queue.start({});
    await pass(5);
    first.queue.cancelAll();
    await pass(0.002);
    first.queue.undoCancellation();
    expect(listStates(first.queue)).toEqual(['cancelling', 'cancelling']);
    await first.keeper.flush();
    browser.close(first);
    const { queue } = await browser.open();
    await pass(10);
    expect(countStates(queue)).toEqual({ ready: 2 });
  });

  it('goes on in the next one, and sends nothing twice that has arrived', async () => {
    const browser = new Browser();
    browser.close(await beginThree(browser));
    const { queue, keeper } = await browser.open();
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'hashed']);
    expect(keeper.restored).toBe(2);
    expect(browser.library.puts.map(({ name }) => name)).toEqual([
      'photo-0.jpg',
      'photo-1.jpg',
      'photo-1.jpg',
    ]);
    expect(browser.library.creations).toHaveLength(1);
    // The third one still waits for “Upload”, with what was typed.
    queue.start({});
    await pass(10);
    expect(countStates(queue)).toEqual({ ready: 3 });
  });

  it('is forgotten when nothing of it is left to do', async () => {
    const browser = new Browser();
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    first.queue.start({});
    await pass(10);
    expect(browser.store.contents.size).toBe(0);
    browser.close(first);
    const { queue } = await browser.open();
    expect(queue.items).toEqual([]);
    expect(browser.store.records.size).toBe(0);
  });

  it('goes on once a reload has ended the old page', async () => {
    const browser = new Browser();
    const first = await beginThree(browser);
    const { queue, keeper } = await browser.open('alice', { previousPage: first.page });
    expect(queue.items).toEqual([]);
    // Only then is it known what there is to go on with.
    const returned = keeper.returned.then(() => queue.items.length);
    browser.close(first);
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'hashed']);
    expect(await returned).toBe(3);
  });

  it('is not shown to another person', async () => {
    const browser = new Browser();
    browser.close(await beginThree(browser));
    const bob = await browser.open('bob');
    expect(bob.queue.items).toEqual([]);
    browser.close(bob);
    expect((await browser.open('alice')).queue.items).toHaveLength(3);
  });

  it('brings back files that were chosen before a sign-in in the same tab alone', async () => {
    const browser = new Browser();
    const first = await browser.open(null);
    first.queue.add(createPhotos(1));
    await pass(1);
    browser.close(first);
    expect((await browser.open('alice')).queue.items).toEqual([]);
    // Nor in another tab in which nobody is signed in: it may be somebody else who sits there.
    expect((await browser.open(null)).queue.items).toEqual([]);
    const again = await browser.open(null, { previousPage: first.page });
    await pass(1);
    expect(again.queue.items).toHaveLength(1);
  });

  it('shows nobody who is signed out the files that were chosen in another tab before a sign-in', async () => {
    const browser = new Browser();
    const first = await browser.open(null);
    first.queue.add(createPhotos(1));
    await pass(1);
    browser.close(first);
    const other = await browser.open(null, { previousPage: 'page-of-this-tab' });
    await pass(1);
    expect(other.queue.items).toEqual([]);
  });

  it('gives its files to nobody who has signed in while its end was waited for', async () => {
    const browser = new Browser();
    const first = await beginThree(browser);
    // The tab was duplicated, and in the second one somebody else goes on.
    const second = await browser.open('alice', { previousPage: first.page });
    second.queue.resume('bob');
    await second.keeper.adopt('bob');
    browser.close(first);
    await pass(10);
    expect(second.queue.items).toEqual([]);
    browser.close(second);
    expect((await browser.open('alice')).queue.items).toHaveLength(3);
  });

  it('is forgotten after a month', async () => {
    const browser = new Browser();
    browser.close(await beginThree(browser));
    vi.setSystemTime(Date.now() + 31 * 24 * 3600 * 1000);
    expect((await browser.open()).queue.items).toEqual([]);
    expect(browser.store.records.size).toBe(0);
  });
});

describe('a list whose owner has signed out', () => {
  it('is shown to nobody else in the same page, and goes on once its owner has signed in again', async () => {
    const browser = new Browser();
    const { queue, keeper } = await beginThree(browser);
    queue.suspend();
    await keeper.putAway(() => false);
    await pass(5);
    expect(queue.items).toEqual([]);
    expect(queue.owner).toBeNull();
    queue.resume('bob');
    await keeper.adopt('bob');
    expect(queue.items).toEqual([]);
    queue.add([createPhoto('of-bob.jpg')]);
    queue.start({});
    await pass(5);
    expect(browser.library.puts.map(({ name }) => name)).toEqual([
      'photo-0.jpg',
      'photo-1.jpg',
      'of-bob.jpg',
    ]);
    queue.suspend();
    await keeper.putAway(() => false);
    queue.resume('alice');
    await keeper.adopt('alice');
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'hashed']);
  });

  it('is found by the page in which its owner signs in', async () => {
    const browser = new Browser();
    browser.store.copyMs = 300;
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    first.queue.suspend();
    const away = first.keeper.putAway(() => false);
    const back = (async () => {
      const second = await browser.open();
      await away;
      await second.keeper.adopt('alice');
      return second.queue;
    })();
    await pass(5);
    expect(listStates(await back)).toEqual(['hashed', 'hashed']);
  });

  it('is found by its owner who signs in while the page still looks for files of nobody', async () => {
    const browser = new Browser();
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    first.queue.suspend();
    await first.keeper.putAway(() => false);
    const second = await browser.open(null);
    const before = second.keeper.adopt(null);
    second.queue.resume('alice');
    await Promise.all([before, second.keeper.adopt('alice')]);
    await pass(5);
    expect(listStates(second.queue)).toEqual(['hashed', 'hashed']);
  });

  it('stays where its owner signs in again before it has been written', async () => {
    const browser = new Browser();
    const { queue, keeper } = await beginThree(browser);
    queue.suspend();
    const away = keeper.putAway(() => queue.pause === null);
    queue.resume('alice');
    await Promise.all([away, keeper.adopt('alice')]);
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'hashed']);
  });

  it('has also the files that were still being added', async () => {
    const browser = new Browser();
    const { queue, keeper } = await browser.open();
    queue.add(createPhotos(1));
    queue.suspend();
    const isWhole = pass(1).then(() => void queue.add(createPhotos(3)));
    await keeper.putAway(() => false, isWhole);
    await isWhole;
    expect(queue.items).toEqual([]);
    queue.resume('bob');
    await keeper.adopt('bob');
    expect(queue.items).toEqual([]);
    queue.resume('alice');
    await keeper.adopt('alice');
    await pass(5);
    expect(listStates(queue)).toEqual(['hashed', 'hashed', 'hashed']);
  });

  it('is put away also where files change while it is written', async () => {
    const browser = new Browser();
    browser.store.copyMs = 5;
    const { queue, keeper } = await browser.open();
    queue.add(createPhotos(1));
    queue.suspend();
    const away = keeper.putAway(() => false);
    await pass(1);
    await away;
    expect(queue.items).toEqual([]);
    expect([...browser.store.records.values()]).toMatchObject([
      { owner: 'alice', state: { name: 'hashed' } },
    ]);
  });

  it('stays where it cannot be written', async () => {
    const browser = new Browser();
    const { queue, keeper } = await browser.open();
    browser.store.isBroken = true;
    queue.add(createPhotos(1));
    queue.suspend();
    await keeper.putAway(() => false);
    expect(queue.items).toHaveLength(1);
  });
});

it('lets only cancelled files be uploaded again that the page can still read', async () => {
  const browser = new Browser();
  const first = await browser.open();
  first.queue.add(createPhotos(3));
  await pass(5);
  first.queue.cancelAll(first.queue.items.slice(0, 2));
  expect(sumProgress(first.queue.items)).toMatchObject({ restartable: 2, lost: 0 });
  await pass(5);
  browser.close(first);
  const { queue } = await browser.open();
  await pass(5);
  expect(listStates(queue)).toEqual(['cancelled', 'cancelled', 'hashed']);
  expect(sumProgress(queue.items)).toMatchObject({ restartable: 0, lost: 2 });
  queue.retryCancelled();
  await pass(5);
  expect(listStates(queue)).toEqual(['cancelled', 'cancelled', 'hashed']);
  const [added] = queue.add(createPhotos(1));
  expect(added).toBeDefined();
  expect(sumProgress(queue.items)).toMatchObject({ restartable: 0, lost: 1 });
});

describe('files that are chosen again before their owner has signed in', () => {
  const choose = (names: readonly string[], folder = ''): File[] =>
    names.map((name) => rememberPath(createPhoto(name), folder && `${folder}/${name}`));

  const NAMES = ['1.jpg', '2.jpg', '3.jpg', 'notes.txt'];

  /** Alice's page, of whose files one is ready, one has failed for good, one is under way, and one was not taken; and it has crashed. */
  async function crash(browser: Browser, { isStarted = true, folder = '' } = {}): Promise<void> {
    const first = await browser.open('alice');
    const [hung] = isStarted ? ['3.jpg'] : [];
    browser.library.putOutcome = (name, attempt) => (name === hung && attempt === 1 ? 'hang' : undefined);
    first.queue.add(choose(NAMES, folder));
    await pass(2);
    if (isStarted) first.queue.start({ tags: ['sea'] });
    await pass(0.2);
    for (const row of browser.library.rows.values())
      if (row.file.file_name === '2.jpg') Object.assign(row, DAMAGED);
    await pass(5);
    browser.close(first);
  }

  const DAMAGED = { state: 'failed', error: { code: 'undecodable', detail: 'The file is damaged.' } };

  const listNames = ({ queue }: Page): string[] =>
    queue.items.map(({ name, state }) => `${name} ${state.name}`).sort();

  /** Somebody chooses files in the next page, and signs in as Alice. */
  async function comeBack(browser: Browser, files: readonly File[], wait = 5): Promise<Page> {
    const next = await browser.open(null);
    next.queue.suspend();
    next.queue.add(files);
    await pass(wait);
    next.queue.resume('alice');
    await next.keeper.adopt('alice');
    await pass(5);
    return next;
  }

  it.each([
    ['hashed', '', '', 5],
    ['hashed', '', 'trip', 5],
    ['hashed', 'trip', '', 5],
    ['hashed', 'trip', 'all/trip', 5],
    ['not hashed', '', '', 0],
    ['not hashed', 'trip', '', 0],
  ])('are in the list once, %s, and before in “%s” now in “%s”', async (_, before, now, wait) => {
    const browser = new Browser();
    await crash(browser, { folder: before });
    const next = await comeBack(browser, choose(NAMES, now), wait);
    expect(sumProgress(next.queue.items)).toMatchObject({ total: 3, staged: 0 });
    next.queue.start({});
    await pass(10);
    expect(listNames(next)).toEqual(['1.jpg ready', '2.jpg failed', '3.jpg ready', 'notes.txt rejected']);
    // The one that hung is sent once more, and nothing else.
    expect(browser.library.puts.map(({ name }) => name).sort()).toEqual(['1.jpg', '2.jpg', '3.jpg', '3.jpg']);
    // Nor do they come back twice.
    browser.close(next);
    expect([...browser.store.records.values()].map(({ name }) => name).sort()).toEqual(NAMES);
  });

  it.each([true, false])('are in the list once where nothing was started, and kept: %s', async (isKept) => {
    const browser = new Browser();
    browser.store.hasSpace = isKept;
    await crash(browser, { isStarted: false });
    const next = await comeBack(browser, choose(NAMES, 'trip'));
    expect(listNames(next)).toEqual(['1.jpg hashed', '2.jpg hashed', '3.jpg hashed', 'notes.txt rejected']);
    expect(sumProgress(next.queue.items)).toMatchObject({ staged: 3, inspected: 3 });
    next.queue.start({});
    await pass(10);
    expect(countStates(next.queue)).toEqual({ ready: 3, rejected: 1 });
  });

  it('keep what was typed about them, before and since', async () => {
    const browser = new Browser();
    const first = await browser.open('alice');
    first.queue.add(choose(['1.jpg', '2.jpg']));
    await pass(2);
    first.queue.describe(getItem(first.queue, 0), { description: 'Before' });
    await pass(2);
    browser.close(first);
    const next = await browser.open(null);
    next.queue.add(choose(['1.jpg', '2.jpg']));
    await pass(2);
    next.queue.entitle(getItem(next.queue, 1), 'Since');
    next.queue.resume('alice');
    await next.keeper.adopt('alice');
    expect(next.queue.items.map(({ metadata, ownTitle }) => [metadata.description, ownTitle])).toEqual([
      ['Before', null],
      [undefined, 'Since'],
    ]);
  });

  it('stay where they are others: of another date or content', async () => {
    const browser = new Browser();
    const create = (content: string, lastModified: number): File =>
      rememberPath(new File([content], '1.jpg', { type: 'image/jpeg', lastModified }), '');
    const first = await browser.open('alice');
    first.queue.add([create('one', 1)]);
    await pass(2);
    browser.close(first);
    const next = await comeBack(browser, [create('two', 1), create('six', 2)]);
    next.queue.start({});
    await pass(10);
    expect(countStates(next.queue)).toEqual({ ready: 3 });
    expect(browser.library.rows.size).toBe(3);
  });

  it.each([0, 5])('are the same by their content alone, chosen %d seconds before', async (wait) => {
    const browser = new Browser();
    const first = await browser.open('alice');
    first.queue.add(choose(['1.jpg', '2.jpg']));
    await pass(2);
    browser.close(first);
    const copies = ['1.jpg', '2.jpg'].map((name) =>
      rememberPath(new File([name], `copy of ${name}`, { type: 'image/jpeg', lastModified: 9 }), ''),
    );
    const next = await comeBack(browser, copies, wait);
    expect(listNames(next)).toEqual(['1.jpg hashed', '2.jpg hashed']);
  });

  it('are told of as any that are in the list already', async () => {
    const browser = new Browser();
    await crash(browser, { isStarted: false });
    const next = await browser.open(null);
    const added = next.queue.add(choose([...NAMES.slice(0, 3), 'new.jpg']));
    next.queue.noteChoice({ total: 4, found: 0, elsewhere: 0, added });
    expect(next.queue.choice).toBeNull();
    await pass(5);
    next.queue.resume('alice');
    await next.keeper.adopt('alice');
    const { choice } = next.queue;
    expect(choice && describeChoice(choice)).toBe('4 files chosen: 3 are in the list already, 1 is new.');
  });

  it('are one with those that another tab has left, whichever of them is further', async () => {
    const browser = new Browser();
    const other = await browser.open('alice');
    other.queue.add(choose(['1.jpg', '2.jpg']));
    await pass(2);
    const next = await browser.open('alice');
    browser.library.putOutcome = () => 'hang';
    next.queue.add(choose(['1.jpg', '2.jpg'], 'trip').slice(0, 1));
    next.queue.start({});
    await pass(2);
    browser.close(other);
    await next.keeper.takeUp(other.page, 'alice');
    await pass(2);
    expect(listNames(next)).toEqual(['1.jpg uploading', '2.jpg hashed']);
    expect(browser.store.records.size).toBe(2);
  });

  it('lose nothing, and are sent once each, in whichever states they come', async () => {
    let seed = 1;
    const random = (count: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % count;
    };
    for (let run = 0; run < 150; run++) {
      const browser = new Browser();
      const contents = new Set<string>();
      // A name in two folders, with dates and contents that are the same or not.
      const chooseSome = (): File[] =>
        Array.from({ length: 1 + random(5) }, () => {
          const [name, content, folder] = [
            `${random(2)}.jpg`,
            `${random(3)}`,
            ['', 'a/', 'b/', 'c/a/'][random(4)] ?? '',
          ];
          const file = new File([content], name, {
            type: 'image/jpeg',
            lastModified: Number(content) + 10 * random(2),
          });
          contents.add(content);
          return rememberPath(file, folder && folder + name);
        });
      browser.store.hasSpace = random(3) > 0;
      const first = await browser.open('alice');
      first.queue.add(chooseSome());
      await pass(random(3));
      if (random(2) > 0) first.queue.start({});
      await pass(random(30) / 10);
      void first.keeper.flush();
      await pass(0.01);
      browser.close(first);
      const sent = browser.library.puts.length;
      const next = await browser.open(null);
      next.queue.suspend();
      next.queue.add(chooseSome());
      await pass(random(2));
      next.queue.resume('alice');
      await next.keeper.adopt('alice');
      await pass(random(2));
      next.queue.add(chooseSome());
      next.queue.start({});
      await pass(20);
      next.queue.start({});
      await pass(20);
      const arrived = [...browser.library.rows.values()].filter(({ state }) => state === 'ready');
      const lost = next.queue.items.filter(({ state }) => state.name === 'missing').length;
      if (lost === 0) expect([run, arrived.length]).toEqual([run, contents.size]);
      const open = next.queue.items.filter(
        ({ state }) => !['ready', 'duplicate', 'missing'].includes(state.name),
      );
      expect([run, open.length]).toEqual([run, 0]);
      const urls = browser.library.puts.slice(sent).map(({ ticket }) => ticket.url);
      expect([run, urls.length]).toEqual([run, new Set(urls).size]);
    }
  });
});

describe('two tabs', () => {
  it('do not send the same queue twice', async () => {
    const browser = new Browser();
    const first = await beginThree(browser);
    const second = await browser.open();
    await pass(10);
    expect(second.queue.items).toEqual([]);
    second.queue.add([createPhoto('other.jpg')]);
    second.queue.start({});
    await pass(10);
    expect(listStates(second.queue)).toEqual(['ready']);
    expect(browser.library.puts.filter(({ name }) => name === 'photo-1.jpg')).toHaveLength(1);
    browser.close(first);
    browser.close(second);
    expect((await browser.open()).queue.items).toHaveLength(3);
  });
});

describe('a browser that cannot write for a while', () => {
  it('writes later what it has missed', async () => {
    const browser = new Browser();
    const first = await browser.open();
    browser.store.isBroken = true;
    first.queue.add(createPhotos(2));
    await pass(1);
    expect(browser.store.records.size).toBe(0);
    browser.store.isBroken = false;
    first.queue.add([createPhoto('photo-2.jpg')]);
    await pass(1);
    browser.close(first);
    expect(listStates((await browser.open()).queue)).toEqual(['hashed', 'hashed', 'hashed']);
  });
});

describe('a file that leaves the list while copies are being written', () => {
  it('does not come back', async () => {
    const browser = new Browser();
    const first = await browser.open();
    browser.store.copyMs = 4000;
    first.queue.add(createPhotos(2));
    await pass(1);
    first.queue.cancel(getItem(first.queue, 1));
    await pass(1);
    browser.close(first);
    const { queue } = await browser.open();
    expect(listStates(queue)).toEqual(['missing', 'cancelled']);
  });
});

describe('files that the browser keeps', () => {
  it.each(['grants it', 'refuses it', 'does not know how', 'never answers'])(
    'have the page ask once to keep them also when the disk is full, where the browser %s',
    async (how) => {
      const browser = new Browser();
      const persist = vi.fn<KeeperPorts['persist']>(() => {
        if (how === 'never answers') return new Promise(() => undefined);
        if (how === 'does not know how') return Promise.reject(new TypeError('persist is not a function'));
        return Promise.resolve(how === 'grants it');
      });
      const { queue } = await browser.open('alice', { persist });
      queue.start({});
      await pass(1);
      expect(persist).not.toHaveBeenCalled();
      queue.add(createPhotos(2));
      await pass(1);
      queue.add([createPhoto('photo-2.jpg')]);
      await pass(1);
      expect(persist).toHaveBeenCalledOnce();
      expect(queue.items.map(({ isKept }) => isKept)).toEqual([true, true, true]);
    },
  );

  it('ask for nothing where there is no space for any', async () => {
    const browser = new Browser();
    browser.store.hasSpace = false;
    const persist = vi.fn<KeeperPorts['persist']>(async () => true);
    const { queue } = await browser.open('alice', { persist });
    queue.add(createPhotos(2));
    await pass(1);
    expect(persist).not.toHaveBeenCalled();
  });
});

describe('files that the browser cannot keep', () => {
  it.each(['again', 'under another name'])('go on when somebody chooses them %s', async (how) => {
    const browser = new Browser();
    browser.store.hasSpace = false;
    const first = await beginThree(browser);
    expect(first.queue.items.some(({ isKept }) => isKept)).toBe(false);
    browser.close(first);
    const { queue } = await browser.open();
    expect(listStates(queue)).toEqual(['ready', 'missing', 'missing']);
    if (how === 'again') queue.add(createPhotos(3));
    else queue.add([createPhoto('copy.jpg', 'photo-1.jpg'), createPhoto('photo-2.jpg')]);
    await pass(10);
    const states = listStates(queue);
    expect(states).toEqual(['ready', 'ready', 'hashed']);
  });

  it('are known by their content, also after a cancellation that was taken back', async () => {
    const browser = new Browser();
    browser.store.hasSpace = false;
    browser.close(await beginThree(browser));
    const second = await browser.open();
    second.queue.cancelAll();
    second.queue.undoCancellation();
    await pass(1);
    expect(listStates(second.queue)).toEqual(['ready', 'missing', 'missing']);
    second.queue.add([createPhoto('copy.jpg', 'photo-1.jpg')]);
    await pass(10);
    expect(listStates(second.queue)).toEqual(['ready', 'ready', 'missing']);
  });

  it('are those for which there is no space', async () => {
    const browser = new Browser();
    const { queue } = await browser.open('alice', { getFreeBytes: async () => 25 });
    queue.add(createPhotos(3));
    await pass(1);
    expect(queue.items.map(({ isKept }) => isKept)).toEqual([true, true, false]);
  });
});

/** The handle of a file that nobody allows to read once more. */
function createDeniedHandle(name = 'a.jpg'): FileSystemFileHandle {
  const handle = {
    kind: 'file',
    getFile: async () => createPhoto(name),
    queryPermission: async () => 'prompt',
    requestPermission: async () => 'denied',
  };
  return handle as unknown as FileSystemFileHandle;
}

/** So that the handles of files are kept in place of copies. */
const NO_ROOM = { getFreeBytes: async () => 0 };

describe('a file with a handle', () => {
  it('waits until somebody allows to read it', async () => {
    const browser = new Browser();
    let permission: PermissionState = 'prompt';
    const handle = {
      kind: 'file',
      getFile: async () => createPhoto('a.jpg'),
      queryPermission: async () => permission,
      requestPermission: async () => (permission = 'granted'),
    } as unknown as FileSystemFileHandle;
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(handle)]);
    first.queue.start({});
    first.queue.suspend();
    await pass(2);
    expect([...browser.store.contents.values()]).toEqual([handle]);
    browser.close(first);
    const { queue, keeper } = await browser.open('alice', NO_ROOM);
    expect(listStates(queue)).toEqual(['missing']);
    expect(keeper.locked).toBe(1);
    await keeper.unlock();
    expect(keeper.locked).toBe(0);
    await pass(10);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('waits for another click where the browser asks nobody any more', async () => {
    const browser = new Browser();
    let questions = 0;
    const createHandle = (name: string): FileSystemFileHandle => {
      const handle = {
        kind: 'file',
        getFile: async () => createPhoto(name),
        queryPermission: async () => 'prompt',
        requestPermission: async () => {
          if (questions === 0) throw new DOMException('User activation is required.', 'SecurityError');
          questions -= 1;
          return 'granted';
        },
      };
      return handle as unknown as FileSystemFileHandle;
    };
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add(
      await Promise.all(['a.jpg', 'b.jpg', 'c.jpg'].map((name) => openFile(createHandle(name)))),
    );
    await pass(2);
    browser.close(first);
    const { queue, keeper } = await browser.open('alice', NO_ROOM);
    questions = 1;
    await keeper.unlock();
    expect(keeper.locked).toBe(2);
    questions = 2;
    await keeper.unlock();
    expect(keeper.locked).toBe(0);
    await pass(2);
    expect(listStates(queue)).toEqual(['hashed', 'hashed', 'hashed']);
  });

  it.each(['has gone', 'may not be read'])('that %s keeps no other file from coming back', async (what) => {
    const browser = new Browser();
    const reject = (): Promise<never> => Promise.reject(new DOMException('It has gone.', 'NotFoundError'));
    let isGone = false;
    const createHandle = (name: string, permission: PermissionState): FileSystemFileHandle => {
      const handle = {
        kind: 'file',
        getFile: async () => (isGone && name === 'a.jpg' ? reject() : createPhoto(name)),
        queryPermission: async () => 'prompt',
        requestPermission: async () => (isGone && name === 'a.jpg' ? reject() : permission),
      };
      return handle as unknown as FileSystemFileHandle;
    };
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([
      await openFile(createHandle('a.jpg', 'denied')),
      await openFile(createHandle('b.jpg', 'granted')),
    ]);
    await pass(2);
    browser.close(first);
    isGone = what === 'has gone';
    const { queue, keeper } = await browser.open('alice', NO_ROOM);
    await keeper.unlock();
    // Somebody who has said no is not asked about another file at once.
    if (!isGone) await keeper.unlock();
    await pass(2);
    expect(listStates(queue)).toEqual(['missing', 'hashed']);
    expect(keeper.locked).toBe(isGone ? 0 : 1);
  });

  it.each(['takes it out of the list', 'signs out'])(
    'is no file of the list where somebody %s meanwhile',
    async (end) => {
      const browser = new Browser();
      const photo = createPhoto('a.jpg');
      const question = createGate<PermissionState>();
      const handle = {
        kind: 'file',
        getFile: async () => photo,
        queryPermission: async () => 'prompt',
        requestPermission: () => question.promise,
      } as unknown as FileSystemFileHandle;
      const first = await browser.open('alice', NO_ROOM);
      first.queue.add([await openFile(handle)]);
      await pass(2);
      browser.close(first);
      const { queue, keeper } = await browser.open('alice', NO_ROOM);
      const unlocked = keeper.unlock();
      if (end === 'signs out') {
        queue.suspend();
        await keeper.putAway(() => false);
        queue.resume('bob');
      } else queue.remove(getItem(queue, 0));
      question.resolve('granted');
      await unlocked;
      expect(queue.items).toEqual([]);
      // Whoever chooses the same file has it in the list.
      queue.add([photo]);
      expect(queue.items).toHaveLength(1);
    },
  );

  it('can still be allowed after pages in which nobody has done so, and a cancellation that was taken back', async () => {
    const browser = new Browser();
    let permission: PermissionState = 'prompt';
    const handle = {
      kind: 'file',
      getFile: async () => createPhoto('a.jpg'),
      queryPermission: async () => permission,
      requestPermission: async () => (permission = 'granted'),
    } as unknown as FileSystemFileHandle;
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(handle)]);
    await pass(2);
    browser.close(first);
    const second = await browser.open('alice', NO_ROOM);
    expect(second.keeper.locked).toBe(1);
    second.queue.cancelAll();
    await pass(2);
    second.queue.undoCancellation();
    await pass(2);
    expect(listStates(second.queue)).toEqual(['missing']);
    browser.close(second);
    const third = await browser.open('alice', NO_ROOM);
    expect(third.keeper.locked).toBe(1);
    browser.close(third);
    permission = 'granted';
    const { queue } = await browser.open('alice', NO_ROOM);
    expect(listStates(queue)).toEqual(['hashed']);
  });

  it('is hashed again when it has changed meanwhile', async () => {
    const browser = new Browser();
    let content = 'old';
    const handle = { kind: 'file', getFile: async () => createPhoto('a.jpg', content) };
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(handle as unknown as FileSystemFileHandle)]);
    await pass(2);
    const before = getItem(first.queue, 0).state;
    expect(before.name).toBe('hashed');
    browser.close(first);
    content = 'newer';
    const { queue } = await browser.open('alice', NO_ROOM);
    await pass(2);
    const after = getItem(queue, 0).state;
    expect(after.name).toBe('hashed');
    expect(after).not.toEqual(before);
    // The API is told the size of what is sent.
    expect(getItem(queue, 0).size).toBe(getItem(queue, 0).file?.size);
  });

  it('has another size when it has changed until somebody allows to read it', async () => {
    const browser = new Browser();
    let content = 'old';
    const handle = {
      kind: 'file',
      getFile: async () => createPhoto('a.jpg', content),
      queryPermission: async () => 'prompt',
      requestPermission: async () => 'granted',
    };
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(handle as unknown as FileSystemFileHandle)]);
    await pass(2);
    browser.close(first);
    content = 'newer';
    const { queue, keeper } = await browser.open('alice', NO_ROOM);
    await keeper.unlock();
    await pass(2);
    expect(getItem(queue, 0).size).toBe(getItem(queue, 0).file?.size);
  });

  it('is copied where there is room, so that it goes on without a question', async () => {
    const browser = new Browser();
    const handle = createDeniedHandle();
    const first = await browser.open();
    first.queue.add([await openFile(handle)]);
    first.queue.start({});
    first.queue.suspend();
    await pass(2);
    browser.close(first);
    const { queue, keeper } = await browser.open();
    expect(keeper.locked).toBe(0);
    await pass(10);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('is copied where there is room once somebody has allowed to read it', async () => {
    const browser = new Browser();
    const handle = Object.assign(createDeniedHandle(), { requestPermission: async () => 'granted' });
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(handle)]);
    await pass(2);
    browser.close(first);
    const second = await browser.open();
    await second.keeper.unlock();
    await pass(2);
    expect([...browser.store.contents.values()]).toEqual([expect.any(File)]);
    browser.close(second);
    const { keeper } = await browser.open();
    expect(keeper.locked).toBe(0);
  });

  it.each(['granted', 'prompt'])(
    'is kept once it was chosen again where it had gone (%s)',
    async (permission) => {
      const browser = new Browser();
      let isGone = false;
      const handle = {
        kind: 'file',
        getFile: async () => {
          if (isGone) throw new DOMException('It has gone.', 'NotFoundError');
          return createPhoto('a.jpg');
        },
        queryPermission: async () => permission,
        requestPermission: async () => 'granted',
      } as unknown as FileSystemFileHandle;
      const first = await browser.open('alice', NO_ROOM);
      first.queue.add([await openFile(handle)]);
      await pass(2);
      browser.close(first);
      isGone = true;
      const second = await browser.open();
      await second.keeper.unlock();
      expect(listStates(second.queue)).toEqual(['missing']);
      expect(countUnkept(second.queue.items)).toBe(1);
      second.queue.add([createPhoto('a.jpg')]);
      await pass(2);
      browser.close(second);
      expect(listStates((await browser.open()).queue)).toEqual(['hashed']);
    },
  );

  it('is written with others, while what is forgotten, or is done meanwhile, waits for one of these writes only', async () => {
    const browser = new Browser();
    const { store } = browser;
    const { queue } = await browser.open('alice', NO_ROOM);
    const gate = createGate();
    let [now, most] = [0, 0];
    const putContents = store.putContents.bind(store);
    const spy = vi.spyOn(store, 'putContents').mockImplementation(async (contents) => {
      most = Math.max(most, ++now);
      await gate.promise;
      return putContents(contents).finally(() => (now -= 1));
    });
    queue.add(
      await Promise.all(
        Array.from({ length: 500 }, (_, number) => openFile(createDeniedHandle(`photo-${number}.jpg`))),
      ),
    );
    // Each of the files changes several times before its handle is written.
    await pass(5);
    expect(spy.mock.calls.map(([contents]) => contents.size)).toEqual([100]);
    const half = queue.items.slice(0, 250);
    for (const item of half) queue.cancel(item);
    await pass(1);
    gate.resolve();
    await pass(1);
    expect(most).toBe(1);
    expect(spy.mock.calls.every(([contents]) => contents.size <= 100)).toBe(true);
    expect(spy.mock.calls.reduce((sum, [contents]) => sum + contents.size, 0)).toBe(350);
    expect(store.contents.size).toBe(250);
    queue.forget();
    await pass(1);
    expect([store.contents.size, store.records.size]).toEqual([0, 0]);
  });

  it('comes back with the others, to be allowed, where the browser cannot tell whether it may be read', async () => {
    const browser = new Browser();
    const lost = {
      kind: 'file',
      getFile: async () => createPhoto('lost.jpg'),
      queryPermission: () => Promise.reject(new DOMException('It has gone.', 'NotFoundError')),
    } as unknown as FileSystemFileHandle;
    const good = { kind: 'file', getFile: async () => createPhoto('good.jpg') };
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(lost), await openFile(good as unknown as FileSystemFileHandle)]);
    await pass(2);
    browser.close(first);
    const { queue, keeper } = await browser.open('alice', NO_ROOM);
    expect(listStates(queue)).toEqual(['missing', 'hashed']);
    expect(keeper.locked).toBe(1);
  });

  it('is missing after a crash neither before its copy is there, nor where it cannot be copied', async () => {
    for (const space of ['slow', 'full'] as const) {
      const browser = new Browser();
      const first = await browser.open();
      if (space === 'slow') browser.store.copyMs = 60_000;
      else browser.store.hasSpaceForCopies = false;
      const handles = [
        createDeniedHandle('a.jpg'),
        createDeniedHandle('b.jpg'),
        createDeniedHandle('c.jpg'),
      ] as const;
      first.queue.add([await openFile(handles[0]), await openFile(handles[1])]);
      await pass(1);
      // Its turn to be copied comes after the others.
      first.queue.add([await openFile(handles[2])]);
      await pass(1);
      expect([...browser.store.contents.values()]).toEqual(handles);
      expect(first.queue.items.every(({ isKept }) => isKept)).toBe(true);
      browser.close(first);
      expect((await browser.open()).keeper.locked).toBe(3);
    }
  });

  it('is kept at once beside one whose handle cannot be written', async () => {
    const browser = new Browser();
    browser.store.copyMs = 60_000;
    const handles = ['a.jpg', 'b.jpg', 'c.jpg'].map(createDeniedHandle);
    const putContents = browser.store.putContents.bind(browser.store);
    vi.spyOn(browser.store, 'putContents').mockImplementation(async (contents) => {
      // A request that fails ends its transaction.
      if ([...contents.values()].some((content) => content === handles[1]))
        throw new Error('It cannot be cloned.');
      return putContents(contents);
    });
    const { queue } = await browser.open();
    queue.add(await Promise.all(handles.map((handle) => openFile(handle))));
    await pass(2);
    expect([...browser.store.contents.values()]).toEqual([handles[0], handles[2]]);
    expect(queue.items.map(({ isKept }) => isKept)).toEqual([true, false, true]);
  });

  it('is copied once, in the place of its handle, and leaves nothing once it has arrived', async () => {
    const browser = new Browser();
    const getFreeBytes = async (): Promise<number> => 12;
    const putContents = vi.spyOn(browser.store, 'putContents');
    browser.store.copyMs = 3000;
    const { queue, keeper } = await browser.open('alice', { getFreeBytes });
    queue.add(await Promise.all(['a.jpg', 'b.jpg'].map((name) => openFile(createDeniedHandle(name)))));
    await pass(1);
    // Each of them changes while it is copied.
    expect(listStates(queue)).toEqual(['hashed', 'hashed']);
    await pass(9);
    expect([...browser.store.contents.values()].every((content) => content instanceof File)).toBe(true);
    // Both handles with the first write, then one copy after the other.
    expect(putContents.mock.calls.map(([contents]) => contents.size)).toEqual([2, 1, 1]);
    queue.start({});
    await pass(9);
    await keeper.flush();
    await pass(9);
    expect(browser.store.contents.size).toBe(0);
    // Its bytes count as free again.
    queue.add([createPhoto('c.jpg')]);
    await pass(9);
    expect(getItem(queue, 2).isKept).toBe(true);
  });

  it('leaves nothing where it is cancelled while its handle is written, and is kept again where that is undone', async () => {
    const browser = new Browser();
    const gate = createGate();
    const putContents = browser.store.putContents.bind(browser.store);
    vi.spyOn(browser.store, 'putContents').mockImplementation(async (contents) => {
      await gate.promise;
      return putContents(contents);
    });
    const handle = createDeniedHandle();
    const { queue } = await browser.open('alice', NO_ROOM);
    queue.add([await openFile(handle)]);
    await pass(1);
    queue.cancelAll();
    await pass(1);
    gate.resolve();
    await pass(1);
    expect(browser.store.contents.size).toBe(0);
    queue.undoCancellation();
    await pass(1);
    expect([...browser.store.contents.values()]).toEqual([handle]);
  });

  it('can still be allowed to be read after its removal was taken back', async () => {
    const browser = new Browser();
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(createDeniedHandle())]);
    await pass(2);
    browser.close(first);
    const { queue, keeper } = await browser.open('alice', NO_ROOM);
    expect(keeper.locked).toBe(1);
    queue.remove(getItem(queue, 0));
    expect(keeper.locked).toBe(0);
    queue.undoRemoval();
    expect(keeper.locked).toBe(1);
  });

  it('waits for nobody once it was chosen again', async () => {
    const browser = new Browser();
    const handle = createDeniedHandle();
    const first = await browser.open('alice', NO_ROOM);
    first.queue.add([await openFile(handle)]);
    await pass(2);
    browser.close(first);
    const { queue, keeper } = await browser.open('alice');
    expect(keeper.locked).toBe(1);
    queue.add([createPhoto('a.jpg')]);
    await pass(2);
    expect(listStates(queue)).toEqual(['hashed']);
    expect(keeper.locked).toBe(0);
    // It is copied now, and comes back without a question.
    expect(queue.items[0]?.isKept).toBe(true);
    expect([...browser.store.contents.values()][0]).toBeInstanceOf(File);
  });
});

describe('files that were removed from the list', () => {
  it('do not come back, unless the removal was taken back, before or after it was written', async () => {
    for (const wait of [0, 1]) {
      for (const isUndone of [false, true]) {
        const browser = new Browser();
        const first = await browser.open();
        first.queue.add(createPhotos(2));
        first.queue.cancel(getItem(first.queue, 0));
        await pass(5);
        first.queue.removeAll('cancelled');
        await pass(wait);
        if (isUndone) first.queue.undoRemoval();
        await first.keeper.flush();
        browser.close(first);
        const { queue } = await browser.open();
        expect(listStates(queue)).toEqual(isUndone ? ['cancelled', 'hashed'] : ['hashed']);
      }
    }
  });

  it('do not come back where they were not taken', async () => {
    const browser = new Browser();
    browser.library.answerFor = ({ name }) =>
      name === 'photo-1.jpg' ? { state: 'rejected', error: { code: 'empty', detail: 'Empty.' } } : null;
    browser.library.putOutcome = () => 'hang';
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    first.queue.start({});
    await pass(5);
    expect(listStates(first.queue)).toEqual(['uploading', 'rejected']);
    first.queue.removeAll('rejected');
    await pass(1);
    browser.close(first);
    expect((await browser.open()).queue.items.map(({ name }) => name)).toEqual(['photo-0.jpg']);
  });
});

describe('a choice of which not all was kept when the page ended', () => {
  const choose = (count: number, folder = 'trip'): File[] =>
    createPhotos(count).map((file) => rememberPath(file, folder && `${folder}/${file.name}`));

  /** Adds the first of the files that somebody has chosen at once. */
  function add({ queue, keeper }: Page, files: readonly File[], count = files.length): OpenChoice {
    const choice = new OpenChoice(files, queue.owner, localClock.now());
    void keeper.noteChoice(choice);
    choice.settle(count, queue.add(files.slice(0, count)));
    return choice;
  }

  const listLeft = ({ keeper }: Page) =>
    keeper.choices.left.map(({ total, recorded, folder }) => [total, recorded, folder]);

  /** Alice's next page after one that has crashed with 12 of 302 photos. */
  async function crash(browser: Browser, folder = 'trip'): Promise<Page> {
    const first = await browser.open();
    add(first, choose(302, folder), 12);
    await pass(1);
    browser.close(first);
    return browser.open();
  }

  it('is told of, with what is known of it', async () => {
    const second = await crash(new Browser());
    expect(second.queue.items).toHaveLength(12);
    expect(listLeft(second)).toEqual([[302, 12, 'trip']]);
  });

  it('is told of where the browser crashes before any file is in the list', async () => {
    const browser = new Browser();
    const first = await browser.open();
    add(first, choose(302), 0);
    await pass(0.001);
    browser.close(first);
    expect(listLeft(await browser.open('bob'))).toEqual([]);
    expect(listLeft(await browser.open())).toEqual([[302, 0, 'trip']]);
  });

  it('counts as known what was refused, was in the list, or has left it', async () => {
    const browser = new Browser();
    const first = await browser.open();
    add(first, choose(5));
    await pass(1);
    expect(browser.store.choices.size).toBe(0);
    const files = choose(9);
    const choice = add(first, files, 7);
    await pass(1);
    expect([...browser.store.choices.values()]).toMatchObject([{ total: 9, recorded: 7 }]);
    browser.store.isBroken = true;
    const added = first.queue.add(files.slice(7));
    choice.settle(2, added);
    await pass(1);
    expect([...browser.store.choices.values()]).toMatchObject([{ total: 9, recorded: 7 }]);
    browser.store.isBroken = false;
    for (const item of added) {
      first.queue.cancel(item);
      first.queue.remove(item);
    }
    await pass(1);
    expect(browser.store.choices.size).toBe(0);
  });

  it('counts as known what has left the list while it could not be written, or before anything was kept', async () => {
    const browser = new Browser();
    const first = await browser.open();
    const files = choose(2);
    const choice = new OpenChoice(files, 'alice', localClock.now());
    const [early, late] = first.queue.add(files);
    choice.settle(2, [early!, late!]);
    first.queue.cancel(early!);
    first.queue.remove(early!);
    void first.keeper.noteChoice(choice);
    // It leaves the list just as the disk turns out to be full.
    const put = browser.store.putRecords.bind(browser.store);
    const spy = vi.spyOn(browser.store, 'putRecords').mockImplementation(async (records, choices) => {
      if (records.length === 0) return put(records, choices);
      first.queue.cancel(late!);
      first.queue.remove(late!);
      throw new DOMException('The disk is full.', 'QuotaExceededError');
    });
    await pass(1);
    spy.mockRestore();
    await pass(1);
    expect(browser.store.choices.size).toBe(0);
  });

  it('is not that of somebody who has signed out, whose list is just being put away', async () => {
    const browser = new Browser();
    const first = await browser.open();
    browser.store.copyMs = 1000;
    add(first, choose(5));
    first.queue.suspend();
    const isAway = first.keeper.putAway(() => false);
    const files = choose(9, 'visit');
    void first.keeper.noteChoice(new OpenChoice(files, null, localClock.now()));
    await pass(0.5);
    expect([...browser.store.choices.values()]).toMatchObject([{ folder: 'visit', owner: null }]);
    await pass(9);
    await isAway;
  });

  it('does not come back with the photos of a page that were forgotten while they came back', async () => {
    const browser = new Browser();
    const first = await browser.open();
    add(first, choose(302), 12);
    await pass(1);
    browser.close(first);
    const second = await browser.open('bob');
    const { choices } = second.keeper;
    const found = await choices.find(first.page, 'alice', false);
    await choices.takeOver(found);
    await second.keeper.forgetOwner('alice');
    await choices.giveBack(found);
    expect(browser.store.choices.size).toBe(0);
  });

  it('is told of once where it was taken over and that could not be written', async () => {
    const browser = new Browser();
    const first = await browser.open();
    add(first, choose(302), 0);
    await pass(1);
    browser.close(first);
    browser.store.isBroken = true;
    const second = await browser.open();
    // Somebody signs in again.
    await second.keeper.adopt('alice');
    expect(listLeft(second)).toEqual([[302, 0, 'trip']]);
  });

  it('is told of in another tab that is open, also where no file of it was kept', async () => {
    const browser = new Browser();
    const other = await browser.open();
    const first = await browser.open();
    add(first, choose(302), 0);
    await pass(1);
    browser.close(first);
    await other.keeper.takeUp(first.page, 'alice');
    expect(listLeft(other)).toEqual([[302, 0, 'trip']]);
  });

  it('is complete once all of several choices is kept', async () => {
    const browser = new Browser();
    const first = await browser.open();
    add(first, choose(30));
    add(first, choose(60));
    add(first, choose(3, 'town'));
    await pass(1);
    expect(browser.store.choices.size).toBe(0);
    browser.close(first);
    expect(listLeft(await browser.open())).toEqual([]);
  });

  it('stays that of a page that lives', async () => {
    const browser = new Browser();
    const first = await browser.open();
    const files = choose(302);
    const choice = add(first, files, 12);
    await pass(1);
    expect(listLeft(await browser.open())).toEqual([]);
    choice.settle(290, first.queue.add(files.slice(12)));
    await pass(5);
    expect(browser.store.choices.size).toBe(0);
  });

  it('is told of no more once its folder is chosen again, unless the page crashes again', async () => {
    const browser = new Browser();
    const second = await crash(browser);
    add(second, choose(20, 'town'));
    await pass(1);
    expect(listLeft(second)).toEqual([[302, 12, 'trip']]);
    add(second, choose(302), 0);
    expect(listLeft(second)).toEqual([]);
    await pass(1);
    browser.close(second);
    const third = await browser.open();
    expect(listLeft(third)).toEqual([[302, 12, 'trip']]);
    add(third, choose(302));
    await pass(5);
    browser.close(third);
    expect(listLeft(await browser.open())).toEqual([]);
    expect(browser.store.choices.size).toBe(0);
  });

  it('is not told of where its folder was chosen in another tab since', async () => {
    const browser = new Browser();
    const other = await browser.open();
    const first = await browser.open();
    add(first, choose(302), 12);
    await pass(1);
    add(other, choose(302));
    await pass(5);
    browser.close(first);
    await other.keeper.takeUp(first.page, 'alice');
    expect(listLeft(other)).toEqual([]);
    expect(browser.store.choices.size).toBe(0);
  });

  it('is told of no more once its folder is chosen again in another tab, but not that of a page that lives', async () => {
    const browser = new Browser();
    const second = await crash(browser);
    const other = await browser.open();
    add(other, choose(302));
    const living = await browser.open();
    const open = add(living, choose(302), 12);
    await second.keeper.choices.refresh();
    await pass(5);
    await second.keeper.choices.refresh();
    expect(listLeft(second)).toEqual([]);
    expect([...browser.store.choices.keys()]).toEqual([open.id]);
  });

  it('is told of once where it was chosen twice in a row, and apart from others', async () => {
    const browser = new Browser();
    const first = await browser.open();
    add(first, choose(302), 12);
    add(first, choose(302), 0);
    add(first, choose(302), 0);
    add(first, choose(40, 'town'), 2);
    await pass(1);
    browser.close(first);
    expect(listLeft(await browser.open())).toEqual([
      [302, 12, 'trip'],
      [40, 2, 'town'],
    ]);
    expect(browser.store.choices.size).toBe(2);
  });

  it('is told of when nothing has changed elsewhere, and never of another person', async () => {
    const browser = new Browser();
    const second = await crash(browser);
    add(await browser.open('bob'), choose(302));
    await pass(5);
    await second.keeper.choices.refresh();
    expect(listLeft(second)).toEqual([[302, 12, 'trip']]);
  });

  it.each<[string, (page: Page) => Promise<unknown>]>([
    ['somebody has read it', ({ keeper }) => keeper.choices.dismiss()],
    [
      'a sign-out',
      async ({ queue, keeper }) => {
        queue.suspend();
        await keeper.putAway(() => false);
      },
    ],
    [
      'all was given up',
      async ({ queue, keeper }) => {
        queue.forget();
        await keeper.forgetOwner('alice');
      },
    ],
    ['a month', () => pass(31 * 24 * 3600)],
  ])('is told of no more after %s', async (_, end) => {
    const browser = new Browser();
    const second = await crash(browser);
    await end(second);
    await pass(1);
    browser.close(second);
    expect(listLeft(await browser.open())).toEqual([]);
    expect(browser.store.choices.size).toBe(0);
  });

  it('comes back with the next page until then', async () => {
    const browser = new Browser();
    browser.close(await crash(browser, ''));
    expect(listLeft(await browser.open())).toEqual([[302, 12, '']]);
  });
});

describe('the details of the next upload', () => {
  const DETAILS = { description: 'At the sea', tags: ['sea'], license: 'CC0-1.0', credit: 'Ann' };

  /** A page of Alice in which one photo waits, and its details have been typed. */
  async function beginOne(browser: Browser) {
    const first = await browser.open();
    first.queue.add(createPhotos(1));
    Object.assign(first.draft, DETAILS);
    first.keeper.drafts.saveSoon();
    await pass(0.3);
    return first;
  }

  it('come back with the files, and stay with them after another page was closed', async () => {
    const browser = new Browser();
    browser.close(await beginOne(browser));
    const second = await browser.open();
    expect(second.draft.metadata).toEqual(DETAILS);
    browser.close(second);
    expect((await browser.open()).draft.metadata).toEqual(DETAILS);
  });

  it('are kept with the files where the browser crashes and loses what else it had', async () => {
    const browser = new Browser();
    const first = await beginOne(browser);
    first.draft.description = 'At the lake';
    first.draft.keepsCaptions = false;
    first.keeper.saveDraftSoon();
    await pass(1.5);
    browser.close(first);
    browser.storage.removeItem(`stockroom.draft.${first.page}`);
    const bob = await browser.open('bob');
    expect(bob.draft.metadata).toEqual({});
    browser.close(bob);
    const second = await browser.open();
    expect(second.draft.metadata).toEqual({ ...DETAILS, description: 'At the lake' });
    expect(second.draft.keepsCaptions).toBe(false);
    // What was cleared since does not come back.
    second.draft.clear();
    second.keeper.saveDraftSoon();
    await pass(1.5);
    browser.close(second);
    expect((await browser.open()).draft.metadata).toEqual({});
  });

  it('have nothing back that was cleared before a crash, which localStorage has lost', async () => {
    const browser = new Browser();
    const first = await beginOne(browser);
    const key = `stockroom.draft.${first.page}`;
    const entry = browser.storage.getItem(key) ?? '';
    Object.assign(first.draft, { tags: [], credit: '' });
    first.keeper.saveDraftSoon();
    await pass(1.5);
    browser.close(first);
    browser.storage.setItem(key, entry);
    const { description, license } = DETAILS;
    expect((await browser.open()).draft.metadata).toEqual({ description, license });
    expect(browser.storage.getItem(key)).toBe(null);
  });

  it.each([true, false])('have the tag that was being typed, after a crash: %s', async (hasCrashed) => {
    const browser = new Browser();
    const first = await browser.open();
    first.queue.add(createPhotos(1));
    first.draft.typedTag = 'Alp';
    first.keeper.saveDraftSoon();
    await pass(1.5);
    browser.close(first);
    if (hasCrashed) browser.storage.removeItem(`stockroom.draft.${first.page}`);
    const bob = await browser.open('bob');
    expect(bob.draft.typedTag).toBe('');
    browser.close(bob);
    const second = await browser.open();
    expect([second.draft.metadata, second.draft.typedTag]).toEqual([{}, 'Alp']);
    // A tag that was made of it is not being typed any more, though localStorage has lost that.
    const entry = browser.storage.getItem(`stockroom.draft.${second.page}`) ?? '';
    second.draft.takeTypedTag();
    second.keeper.saveDraftSoon();
    await pass(1.5);
    browser.close(second);
    if (hasCrashed) browser.storage.setItem(`stockroom.draft.${second.page}`, entry);
    const third = await browser.open();
    expect([third.draft.metadata, third.draft.typedTag]).toEqual([{ tags: ['alp'] }, '']);
  });

  /** A page of Alice in which two photos have failed, and were last written with the details. */
  async function failTwo(browser: Browser) {
    browser.library.putOutcome = () => 400;
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    Object.assign(first.draft, DETAILS);
    first.keeper.saveDraftSoon();
    first.queue.start({});
    await pass(300);
    expect(listStates(first.queue)).toEqual(['failed', 'failed']);
    return first;
  }

  it.each<[string, (page: Awaited<ReturnType<typeof failTwo>>) => Promise<void> | void]>([
    ['a while before the page was closed', () => pass(2)],
    ['just before the page was closed', () => undefined],
    [
      'and the file that said so has left the list since',
      async ({ queue }) => {
        await pass(2);
        queue.remove(getItem(queue, 0));
        await pass(2);
      },
    ],
  ])('do not come back with files that have failed once they were cleared, %s', async (_, end) => {
    const browser = new Browser();
    const first = await failTwo(browser);
    first.draft.clear();
    first.keeper.saveDraftSoon();
    await end(first);
    // As when a page ends.
    first.keeper.drafts.save();
    await first.keeper.flush();
    browser.close(first);
    const second = await browser.open();
    expect(second.queue.items.length).toBeGreaterThan(0);
    expect(second.draft.metadata).toEqual({});
  });

  it('do not come back with files that have failed once their owner has signed out', async () => {
    const browser = new Browser();
    const { queue, keeper, draft } = await failTwo(browser);
    queue.suspend();
    await keeper.putAway(() => false);
    queue.resume('alice');
    await keeper.adopt('alice');
    expect(queue.items).toHaveLength(2);
    expect(draft.metadata).toEqual({});
  });

  it('are kept with what was typed just before the page was closed', async () => {
    const browser = new Browser();
    const first = await beginOne(browser);
    first.draft.description = 'At the lake';
    first.keeper.drafts.save();
    browser.close(first);
    expect((await browser.open()).draft.description).toBe('At the lake');
  });

  it('say what becomes of captions in the files, which nothing else changes', async () => {
    const browser = new Browser();
    const first = await beginOne(browser);
    first.draft.keepsCaptions = false;
    first.keeper.drafts.save();
    browser.close(first);
    const second = await browser.open();
    expect(second.draft.keepsCaptions).toBe(false);
    second.draft.endBatch();
    second.draft.description = 'At the lake';
    second.keeper.drafts.save();
    browser.close(second);
    expect((await browser.open()).draft.keepsCaptions).toBe(true);
  });

  it('replace nothing that was typed meanwhile', async () => {
    const browser = new Browser();
    const first = await beginOne(browser);
    const second = await browser.open();
    expect(second.draft.metadata).toEqual({});
    second.draft.description = 'In the mountains';
    browser.close(first);
    await second.keeper.adopt('alice');
    expect(second.draft.metadata).toEqual({ ...DETAILS, description: 'In the mountains' });
  });

  it('come back in the same tab alone where no file waits', async () => {
    const browser = new Browser();
    const first = await browser.open();
    first.draft.credit = 'Ann';
    first.keeper.drafts.save();
    browser.close(first);
    const second = await browser.open('alice', { previousPage: first.page });
    await pass(0.1);
    expect(second.draft.credit).toBe('Ann');
    browser.close(second);
    expect((await browser.open()).draft.credit).toBe('');
    expect(browser.storage.length).toBe(0);
  });

  it('are those of nobody else', async () => {
    const browser = new Browser();
    browser.close(await beginOne(browser));
    const second = await browser.open('bob');
    expect(second.draft.metadata).toEqual({});
    browser.close(second);
    expect((await browser.open()).draft.metadata).toEqual(DETAILS);
  });

  it('are written with no file of somebody who has signed out, and whose list is just being put away', async () => {
    const browser = new Browser();
    const { queue, keeper, draft, page } = await beginOne(browser);
    const reading = createGate();
    let owner = 'alice';
    browser.getOwner = () => owner;
    queue.suspend();
    owner = 'bob';
    const away = keeper.putAway(() => false, reading.promise);
    draft.description = 'of Bob';
    keeper.saveDraftSoon();
    await pass(1.5);
    reading.resolve();
    await away;
    browser.close({ queue, page });
    owner = 'alice';
    expect((await browser.open()).draft.metadata).toEqual(DETAILS);
  });

  it('wait with the files for their owner, who has signed out', async () => {
    const browser = new Browser();
    const { queue, keeper, draft } = await beginOne(browser);
    queue.suspend();
    await keeper.putAway(() => false);
    expect(draft.metadata).toEqual({});
    queue.resume('bob');
    await keeper.adopt('bob');
    expect(draft.metadata).toEqual({});
    queue.suspend();
    await keeper.putAway(() => false);
    queue.resume('alice');
    await keeper.adopt('alice');
    expect(draft.metadata).toEqual(DETAILS);
  });

  it('wait with the files where somebody else signs in before the list is put away', async () => {
    const browser = new Browser();
    const { queue, keeper, draft } = await beginOne(browser);
    queue.suspend();
    const reading = createGate();
    const away = keeper.putAway(() => false, reading.promise);
    await pass(1);
    const replaced = keeper.putAway(() => false, reading.promise);
    reading.resolve();
    await Promise.all([away, replaced]);
    queue.resume('bob');
    await keeper.adopt('bob');
    expect([queue.items, draft.metadata]).toEqual([[], {}]);
    queue.suspend();
    await keeper.putAway(() => false);
    queue.resume('alice');
    await keeper.adopt('alice');
    expect(queue.items).toHaveLength(1);
    expect(draft.metadata).toEqual(DETAILS);
  });

  it('stay where their owner signs in again before the list is put away', async () => {
    const browser = new Browser();
    const { queue, keeper, draft } = await beginOne(browser);
    queue.suspend();
    const away = keeper.putAway(() => queue.pause === null);
    queue.resume('alice');
    await Promise.all([away, keeper.adopt('alice')]);
    expect(draft.metadata).toEqual(DETAILS);
  });

  it('are forgotten when everything is forgotten, and when somebody signs out for whom nothing waits', async () => {
    for (const end of ['forget', 'sign out'] as const) {
      const browser = new Browser();
      const { queue, keeper, draft } = await beginOne(browser);
      queue.forget();
      if (end === 'forget') keeper.drafts.forget();
      else {
        queue.suspend();
        await keeper.putAway(() => false);
      }
      expect(draft.metadata).toEqual({});
      expect(browser.storage.length).toBe(0);
    }
  });

  it('are forgotten after a month', async () => {
    const browser = new Browser();
    browser.close(await beginOne(browser));
    vi.setSystemTime(Date.now() + 31 * 24 * 3600 * 1000);
    expect((await browser.open()).draft.metadata).toEqual({});
    expect(browser.storage.length).toBe(0);
  });
});

describe('a pause', () => {
  it('outlives the page although the file that said so has left the list', async () => {
    const browser = new Browser();
    browser.library.processingMs = 5000;
    const first = await browser.open();
    first.queue.add([createPhoto('first.jpg')]);
    first.queue.start({});
    await pass(1);
    // The library answers no more, before the next files have rows.
    browser.library.beforeCreation = () => {
      throw new NetworkError('down');
    };
    first.queue.add([createPhoto('second.jpg'), createPhoto('third.jpg')]);
    first.queue.start({});
    await pass(2);
    expect(listStates(first.queue)).toEqual(['processing', 'hashed', 'hashed']);
    first.queue.halt();
    await pass(10);
    expect(listStates(first.queue)).toEqual(['ready', 'hashed', 'hashed']);
    first.queue.removeAll('finished');
    await pass(0.5);
    expect(first.queue.isHalted).toBe(true);
    browser.close(first);
    browser.library.beforeCreation = () => undefined;
    const second = await browser.open();
    expect(second.queue.isHalted).toBe(true);
  });

  it('outlives the page although a missing file was taken out of the list afterwards', async () => {
    const browser = new Browser();
    browser.store.hasSpace = false;
    const first = await browser.open();
    first.queue.halt();
    first.queue.add([createPhoto('gone.jpg')]);
    first.queue.start({});
    first.queue.halt();
    await pass(1);
    browser.close(first);
    browser.store.hasSpace = true;
    const second = await browser.open();
    second.queue.goOn();
    expect(listStates(second.queue)).toEqual(['missing']);
    browser.library.beforeCreation = () => {
      throw new NetworkError('down');
    };
    second.queue.add([createPhoto('here.jpg')]);
    second.queue.start({});
    await pass(5);
    second.queue.halt();
    await pass(0.5);
    second.queue.removeAll('failed');
    for (const item of second.queue.items.filter(({ state }) => state.name === 'missing'))
      second.queue.remove(item);
    await pass(0.5);
    expect(second.queue.items).toHaveLength(1);
    browser.close(second);
    const third = await browser.open();
    expect(third.queue.isHalted).toBe(true);
  });

  it.each([true, false])(
    'is told by the last write although the clock was put back (%s)',
    async (isPause) => {
      const browser = new Browser();
      browser.library.putOutcome = () => 'hang';
      const first = await browser.open();
      first.queue.add(createPhotos(6));
      first.queue.start({});
      await pass(5);
      if (!isPause) first.queue.halt();
      await pass(0.5);
      vi.setSystemTime(Date.now() - 3_600_000);
      if (isPause) {
        first.queue.halt();
      } else first.queue.goOn();
      await pass(0.5);
      browser.close(first);
      const second = await browser.open();
      expect(second.queue.isHalted).toBe(isPause);
    },
  );

  it('of one person does not pause what somebody else had under way', async () => {
    const browser = new Browser();
    browser.library.putOutcome = () => 'hang';
    const { queue, keeper } = await browser.open();
    queue.add(createPhotos(2));
    queue.start({});
    await pass(2);
    queue.suspend();
    await keeper.putAway(() => queue.pause === null);
    queue.resume('bob');
    await keeper.adopt('bob');
    queue.add([createPhoto('of-bob.jpg')]);
    queue.start({});
    await pass(2);
    queue.halt();
    await pass(1);
    queue.suspend();
    await keeper.putAway(() => queue.pause === null);
    queue.resume('alice');
    await keeper.adopt('alice');
    expect(queue.items).toHaveLength(2);
    expect(queue.isHalted).toBe(false);
  });

  it('of this tab outlives a reload although files of another tab that has ended come first', async () => {
    const browser = new Browser();
    browser.library.putOutcome = () => 'hang';
    const other = await browser.open();
    other.queue.add([createPhoto('other.jpg')]);
    other.queue.start({});
    const own = await browser.open();
    own.queue.add([createPhoto('own.jpg')]);
    own.queue.start({});
    await pass(5);
    own.queue.halt();
    await pass(0.5);
    browser.close(other);
    browser.close(own);
    const again = await browser.open('alice', { previousPage: own.page });
    await again.keeper.returned;
    await pass(1);
    expect(again.queue.items).toHaveLength(2);
    expect(again.queue.isHalted).toBe(true);
  });

  it('of a list that is empty by now does not pause what a running tab has left', async () => {
    const browser = new Browser();
    browser.library.putOutcome = () => 'hang';
    const first = await browser.open();
    first.queue.add([createPhoto('first.jpg')]);
    first.queue.start({});
    const second = await browser.open();
    second.queue.add([createPhoto('second.jpg')]);
    second.queue.start({});
    await pass(5);
    second.queue.halt();
    second.queue.cancelAll();
    await pass(5);
    second.queue.removeAll('cancelled');
    expect(second.queue.items).toEqual([]);
    browser.close(first);
    expect(await second.keeper.takeUp(first.page, 'alice')).toBe(true);
    expect(second.queue.items).toHaveLength(1);
    expect(second.queue.isHalted).toBe(false);
  });

  it.each([true, false])('goes with a list that is put away, and so does its end (%s)', async (isPaused) => {
    const browser = new Browser();
    browser.library.putOutcome = () => 'hang';
    const { queue, keeper } = await browser.open();
    queue.add(createPhotos(25));
    queue.start({});
    await pass(2);
    queue.halt();
    await pass(1);
    if (!isPaused) queue.goOn();
    queue.suspend();
    await keeper.putAway(() => queue.pause === null);
    expect(queue.items).toEqual([]);
    const second = await browser.open();
    expect(second.queue.items).toHaveLength(25);
    expect(second.queue.isHalted).toBe(isPaused);
  });

  it('is kept with files that are added and hashed after it', async () => {
    const browser = new Browser();
    const first = await browser.open();
    first.queue.halt();
    first.queue.add(createPhotos(3));
    await pass(0.3);
    browser.close(first);
    const second = await browser.open();
    expect(second.queue.isHalted).toBe(true);
    second.queue.start({});
    await pass(5);
    expect(countStates(second.queue).ready).toBe(3);
  });

  it('is none in records from before', async () => {
    const browser = new Browser();
    browser.library.putOutcome = () => 'hang';
    const first = await browser.open();
    first.queue.add(createPhotos(2));
    first.queue.start({});
    await pass(5);
    browser.close(first);
    for (const record of browser.store.records.values()) delete record.isHalted;
    const second = await browser.open();
    expect(second.queue.isHalted).toBe(false);
  });

  it('of an idle page with staged files is taken over, and Upload ends it', async () => {
    const browser = new Browser();
    browser.library.putOutcome = (name) => (name === 'first.jpg' ? 'hang' : undefined);
    const first = await browser.open();
    first.queue.add([createPhoto('first.jpg')]);
    first.queue.start({});
    await pass(2);
    first.queue.halt();
    await pass(1);
    const second = await browser.open();
    second.queue.add([createPhoto('second.jpg')]);
    await pass(1);
    browser.close(first);
    await second.keeper.takeUp(first.page, 'alice');
    expect(second.queue.isHalted).toBe(true);
    second.queue.start({});
    expect(second.queue.isHalted).toBe(false);
    await pass(3);
    expect(listStates(second.queue)).toContain('ready');
  });
});
