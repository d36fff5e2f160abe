import { describe, expect, it } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { createReason, retellReason } from '../../../src/app/reasons';
import { describeChoice } from '../../../src/upload/file/choice';
import { NO_FILES } from '../../../src/upload/file/groups';
import { sumProgress } from '../../../src/upload/file/progress';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import {
  begin,
  canRetry,
  getReason,
  needsOtherDetails,
  type UploadState,
} from '../../../src/upload/file/state';
import { rememberPath } from '../../../src/upload/selection/file-handles';
import { UnopenedFile } from '../../../src/upload/selection/unopened-file';
import { createPhoto, createPhotos, sleep } from '../../fixtures';
import type { UploadQueue } from '../../../src/upload/queue/queue.svelte';
import { watch } from '../../reactive.svelte';
import { FakeLibrary, countStates, createQueue, getItem, getStates } from '../fake-library';
import { listStates, pass, startQueue, useFakeTime } from '../fake-library';

useFakeTime();

describe('the upload queue', () => {
  it('hashes what was chosen but sends nothing before the start', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(3));
    await pass(5);
    expect(countStates(queue)).toEqual({ hashed: 3 });
    expect(library.creations).toEqual([]);
    expect(queue.hasUnsentFiles).toBe(true);
  });

  it('brings files from chosen to ready, twenty in one request, four at a time', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(20));
    queue.start({ description: 'Trip #sea', tags: ['holiday'] });
    await pass(10);
    expect(countStates(queue)).toEqual({ ready: 20 });
    expect(library.creations.map(({ files }) => files.length)).toEqual([20]);
    expect(library.creations[0]?.shared).toEqual({ description: 'Trip #sea', tags: ['holiday'] });
    expect(library.puts).toHaveLength(20);
    expect(library.maxSending).toBe(4);
    expect(getStates(queue)[0]).toMatchObject({ image: { id: 'ID1' } });
    expect(queue.latestImage?.id).toMatch(/^ID\d+$/);
    expect(queue.hasUnsentFiles).toBe(false);
  });

  it('lists a file that could not be opened as failed, beside those that are uploaded', async () => {
    const gone = new DOMException('It has gone.', 'NotFoundError');
    const queue = createQueue(new FakeLibrary());
    queue.add([new UnopenedFile('gone.jpg', 'trip/gone.jpg', gone), ...createPhotos(1)]);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['failed', 'ready']);
    expect(getStates(queue)[0]).toMatchObject({
      reason: { detail: 'The file could not be read.' },
    });
  });

  it('does not list a file twice', () => {
    const queue = createQueue(new FakeLibrary());
    queue.add(createPhotos(2));
    expect(queue.add(createPhotos(3))).toHaveLength(1);
  });

  it('counts each photo once where its folder is chosen again in mid-upload', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (name) => (name === 'photo-2.jpg' ? 'hang' : undefined);
    const queue = startQueue(library, createPhotos(3));
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'uploading']);
    const { total, done, bytes } = sumProgress(queue.items);
    queue.add(createPhotos(3));
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'uploading']);
    expect(sumProgress(queue.items)).toMatchObject({ total, done, bytes });
    queue.cancelAll();
    await pass(5);
    // The cancelled photo is chosen once more, and uploaded: the progress is about it alone.
    queue.add(createPhotos(3));
    await pass(5);
    queue.start({});
    await pass(1);
    expect(sumProgress(queue.items)).toMatchObject({ total: 1, done: 0, active: 1 });
  });

  it('has reactive items and states', async () => {
    const queue = createQueue(new FakeLibrary());
    const names = watch(() => listStates(queue).join(' '));
    queue.add([createPhoto('a.jpg')]);
    queue.start({});
    await pass(2);
    expect([...new Set(names())]).toEqual([
      '',
      'waiting',
      'hashing',
      'hashed',
      'queued',
      'uploading',
      'processing',
      'ready',
    ]);
  });
});

describe('signing out', () => {
  /** Two files that are sent, one that has arrived and is processed, and one that waits for a connection. */
  async function startAsAlice(library: FakeLibrary): Promise<UploadQueue> {
    library.processingMs = 1e6;
    library.putOutcome = (name, attempt) => (/[12]/.test(name) && attempt === 1 ? 'hang' : undefined);
    const queue = createQueue(library, {}, { connections: 2 });
    queue.resume('alice');
    queue.add(createPhotos(4));
    queue.start({});
    await pass(2);
    expect(listStates(queue)).toEqual(['processing', 'uploading', 'uploading', 'queued']);
    return queue;
  }

  it('sends nothing more, until the same person comes back', async () => {
    const library = new FakeLibrary();
    const queue = await startAsAlice(library);
    queue.suspend();
    queue.skipDelays();
    await pass(60);
    expect(listStates(queue)).toEqual(['processing', 'queued', 'queued', 'queued']);
    expect(library.puts).toHaveLength(3);
    expect(library.sending).toBe(0);
    queue.resume('alice');
    library.processingMs = 0;
    await pass(10);
    expect(countStates(queue)).toEqual({ ready: 4 });
    expect(library.creations).toHaveLength(1);
  });

  it.each(['signs in afterwards', 'takes over'])(
    'sends nothing twice when another person %s',
    async (how) => {
      const library = new FakeLibrary();
      const queue = await startAsAlice(library);
      const idsOfAlice = [...library.rows.keys()];
      if (how === 'signs in afterwards') queue.suspend();
      // Only Alice may see her rows.
      for (const id of idsOfAlice) library.rows.delete(id);
      library.processingMs = 0;
      queue.resume('bob');
      await pass(10);
      expect(listStates(queue)).toEqual(['failed', 'ready', 'ready', 'ready']);
      expect(getStates(queue)[0]).toMatchObject({ reason: { code: 'sent-by-another' } });
      expect([...library.rows.keys()].filter((id) => idsOfAlice.includes(id))).toEqual([]);
      queue.retryFailed();
      await pass(10);
      expect(library.puts.filter(({ name }) => name === 'photo-0.jpg')).toHaveLength(1);
    },
  );

  it('says whose the photos are that wait', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(1));
    expect(queue.mayBecomeOf('bob')).toBe(true);
    queue.resume('alice');
    queue.suspend();
    expect([queue.mayBecomeOf('alice'), queue.mayBecomeOf('bob')]).toEqual([true, false]);
    queue.cancelAll();
    expect(queue.mayBecomeOf('bob')).toBe(true);
  });

  it('calls no file cancelled that another person cannot cancel', async () => {
    const library = new FakeLibrary();
    const queue = await startAsAlice(library);
    queue.suspend();
    queue.cancelAll();
    await pass(5);
    expect(countStates(queue)).toEqual({ cancelling: 4 });
    queue.resume('bob');
    await pass(5);
    expect(countStates(queue)).toEqual({ failed: 4 });
    expect(getStates(queue)[0]).toMatchObject({ reason: { code: 'cancelled-by-another' } });
    expect(library.cancellations).toEqual([]);
  });

  it('drops the tickets of a request that another person has overtaken', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.resume('alice');
    queue.add(createPhotos(1));
    queue.start({});
    while (library.creations.length === 0) await pass(0.001);
    queue.resume('bob');
    await pass(5);
    expect(library.creations).toHaveLength(2);
    expect(listStates(queue)).toEqual(['ready']);
  });
});

describe('skipping delays', () => {
  it('goes on at once when the connection is back', async () => {
    const library = new FakeLibrary();
    let isDown = true;
    library.beforeCreation = () => {
      if (isDown) throw new NetworkError('down');
    };
    const queue = startQueue(library, createPhotos(1));
    await pass(60);
    isDown = false;
    const before = library.creations.length;
    queue.skipDelays();
    await pass(0.1);
    expect(library.creations.length).toBe(before + 1);
    await pass(3);
    expect(listStates(queue)).toEqual(['ready']);
  });
});

describe('a token that the API refuses', () => {
  it.each([
    [401, 'sign-in'],
    [403, 'scope'],
  ] as const)('pauses the queue on %i, until somebody signs in', async (status, kind) => {
    const library = new FakeLibrary();
    let isValid = false;
    library.beforeCreation = () => {
      if (!isValid) throw new ApiError(status, 'token-invalid', 'Not with this token.');
    };
    const queue = startQueue(library, createPhotos(3));
    await pass(30);
    expect(queue.pause).toEqual({ kind, detail: 'Not with this token.' });
    expect(countStates(queue)).toEqual({ hashed: 3 });
    expect(library.creations).toHaveLength(1);
    isValid = true;
    queue.resume('alice');
    await pass(10);
    expect(queue.pause).toBeNull();
    expect(countStates(queue)).toEqual({ ready: 3 });
  });
});

describe('something in front of the library that refuses requests', () => {
  it.each([403, 413])(
    'has files fail that it refuses with %i, and asks nobody to sign in',
    async (status) => {
      const library = new FakeLibrary();
      library.beforeCreation = () => {
        throw new ApiError(status, 'unknown', String(status));
      };
      const queue = startQueue(library, createPhotos(2));
      await pass(30);
      expect(queue.pause).toBeNull();
      expect(library.creations).toHaveLength(1);
      expect(countStates(queue)).toEqual({ failed: 2 });
      const reason = getReason(getItem(queue, 0).state);
      expect(reason?.detail).toContain(`(${status})`);
      // Nobody is asked to try again what cannot help, also in a page in another language.
      expect(reason?.canRetry).toBe(false);
      expect(reason && retellReason(reason)).toEqual(reason);
    },
  );
});

describe('a batch after another one', () => {
  const sum = (queue: UploadQueue) => sumProgress(queue.items);

  it('has a progress of its own once all before it is finished', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (name) => (name === 'photo-1.jpg' ? 413 : undefined);
    const queue = startQueue(library, createPhotos(3), {}, { maxSends: 1 });
    await pass(10);
    expect(sum(queue)).toMatchObject({ done: 2, total: 3 });
    queue.add([createPhoto('new-0.jpg'), createPhoto('new-1.jpg')]);
    queue.add([createPhoto('new-2.jpg')]);
    expect(sum(queue)).toMatchObject({ done: 0, total: 0, isBegun: true });
    queue.start({});
    await pass(0.1);
    expect(sum(queue)).toMatchObject({ done: 0, total: 3 });
    await pass(10);
    expect(sum(queue)).toMatchObject({ done: 3, total: 3, counts: { ready: 5, failed: 1 } });
  });

  it('belongs to the one before as long as any of that is under way', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (name, attempt) => (name === 'photo-0.jpg' && attempt === 1 ? 'hang' : undefined);
    const queue = startQueue(library, createPhotos(2));
    await pass(10);
    queue.add([createPhoto('new.jpg')]);
    queue.start({});
    await pass(10);
    expect(sum(queue)).toMatchObject({ done: 2, total: 3 });
  });

  it('is one of its own, too, where it was chosen before the other was finished, and started after', async () => {
    const queue = startQueue(new FakeLibrary(), createPhotos(2));
    queue.add([createPhoto('new.jpg')]);
    await pass(10);
    expect(sum(queue)).toMatchObject({ done: 2, total: 2, staged: 1 });
    queue.start({});
    await pass(10);
    expect(sum(queue)).toMatchObject({ done: 1, total: 1 });
  });

  it('has those with it that are tried again', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (_, attempt) => (attempt === 1 ? 500 : undefined);
    const queue = startQueue(library, createPhotos(2), {}, { maxSends: 1 });
    await pass(10);
    queue.add([createPhoto('new.jpg')]);
    queue.retryFailed();
    await pass(10);
    expect(sum(queue)).toMatchObject({ done: 2, total: 2, staged: 1 });
  });
});

describe('a file whose content has arrived before', () => {
  it('is known before anybody uploads it, also where the first one has left the list', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, [createPhoto('first.jpg', 'same')]);
    await pass(10);
    queue.add([createPhoto('again.jpg', 'same'), createPhoto('other.jpg')]);
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'duplicate', 'hashed']);
    expect(getStates(queue)[1]).toMatchObject({
      image: { id: 'ID1' },
      reason: { detail: 'This photo was uploaded before, as “first.jpg”.' },
    });
    expect(sumProgress(queue.items)).toMatchObject({ staged: 1, inspected: 1, isBegun: true });
    queue.removeAll('finished');
    queue.add([createPhoto('third.jpg', 'same')]);
    await pass(5);
    expect(listStates(queue)).toEqual(['hashed', 'duplicate']);
    expect(library.creations).toHaveLength(1);
  });

  it.each(['deleted', 'failed', 'expired', 'gone'] as const)(
    'is ready to be uploaded where the library says that the first one is %s',
    async (state) => {
      const library = new FakeLibrary();
      const queue = startQueue(library, [createPhoto('first.jpg', 'same')]);
      await pass(10);
      const row = library.rows.get('ID1');
      if (row === undefined) throw new Error('There is no row.');
      if (state === 'gone') library.rows.clear();
      else row.state = state;
      queue.add([createPhoto('again.jpg', 'same')]);
      await pass(5);
      expect(listStates(queue)).toEqual(['ready', 'hashed']);
      // It is known by now.
      const asked = library.polls.length;
      queue.add([createPhoto('third.jpg', 'same')]);
      await pass(5);
      expect(library.polls).toHaveLength(asked);
    },
  );

  it.each(['ready', 'hidden', 'pending'] as const)('is there where the library says %s', async (state) => {
    const library = new FakeLibrary();
    const queue = startQueue(library, [createPhoto('first.jpg', 'same')]);
    await pass(10);
    const row = library.rows.get('ID1');
    if (row !== undefined) Object.assign(row, { state, arrivedAt: null });
    queue.add([createPhoto('again.jpg', 'same')]);
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'duplicate']);
  });

  it('is ready to be uploaded where the library cannot be asked, which is no outage', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, [createPhoto('first.jpg', 'same')]);
    await pass(10);
    library.beforePoll = () => {
      throw new NetworkError('offline');
    };
    queue.add([createPhoto('again.jpg', 'same')]);
    await pass(60);
    expect(listStates(queue)).toEqual(['ready', 'hashed']);
    expect(queue.outage).toBeNull();
  });

  it('is asked about with one request for a hundred of them, and with none where nothing is known', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, createPhotos(120));
    await pass(60);
    library.polls = [];
    queue.removeAll('finished');
    queue.add(createPhotos(120));
    queue.add([createPhoto('other.jpg')]);
    await pass(5);
    expect(countStates(queue)).toEqual({ duplicate: 120, hashed: 1 });
    expect(library.polls.map(({ length }) => length)).toEqual([100, 20]);
    queue.add([createPhoto('another.jpg')]);
    await pass(5);
    expect(library.polls).toHaveLength(2);
  });

  it('is left to the library where somebody has pressed “Upload” before it has answered', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, [createPhoto('first.jpg', 'same')]);
    await pass(10);
    library.beforePoll = () => queue.start({});
    queue.add([createPhoto('again.jpg', 'same')]);
    await pass(10);
    expect(getStates(queue)[1]).toMatchObject({
      name: 'duplicate',
      reason: {
        code: 'already-in-library',
        hint: 'Its details stay as they were; edit them in My pictures.',
      },
    });
  });

  it.each(['in the list', 'in the list, while another one is under way'])(
    'is uploaded where the picture has gone from the library, with the first one %s',
    async (where) => {
      const library = new FakeLibrary();
      library.putOutcome = (name) => (name === 'slow.jpg' ? 'hang' : undefined);
      const queue = startQueue(library, [createPhoto('first.jpg', 'same')]);
      if (where !== 'in the list') queue.add([createPhoto('slow.jpg')]);
      queue.start({});
      await pass(10);
      library.rows.delete('ID1');
      queue.add([createPhoto('again.jpg', 'same'), createPhoto('once-more.jpg', 'same')]);
      await pass(5);
      queue.start({});
      await pass(10);
      expect(library.puts.filter(({ name }) => name === 'again.jpg')).toHaveLength(1);
      expect(getStates(queue).slice(-2)).toMatchObject([
        { name: 'ready' },
        { name: 'duplicate', reason: { detail: expect.stringContaining('again.jpg') } },
      ]);
    },
  );

  it('is left to the library, too, where somebody wants it all the same', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, [createPhoto('first.jpg', 'same')]);
    await pass(10);
    queue.add([createPhoto('again.jpg', 'same')]);
    await pass(5);
    // Somebody else has taken the picture away.
    library.rows.clear();
    expect(canRetry(getItem(queue, 1).state)).toBe(true);
    queue.retry(getItem(queue, 1));
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'hashed']);
  });

  it('is not known to somebody else who signs in', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.resume('alice');
    queue.add([createPhoto('first.jpg', 'same')]);
    queue.start({});
    await pass(10);
    queue.resume('bob');
    queue.add([createPhoto('again.jpg', 'same')]);
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'hashed']);
  });
});

describe('a file that is chosen again after all was done with it', () => {
  it('is not among those to upload before the library has said whether it is there', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, createPhotos(2));
    await pass(10);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { listUploadsById } = library;
    library.listUploadsById = async (ids) => {
      await held;
      return listUploadsById.call(library, ids);
    };
    const added = queue.add(createPhotos(3));
    const choice = { total: 3, found: 0, elsewhere: 0, added };
    const text = '3 files chosen: 2 may have been uploaded before …, ';
    expect(describeChoice(choice)).toBe(`${text}1 is being looked at …`);
    await pass(5);
    expect(sumProgress(queue.items)).toMatchObject({ staged: 3, inspected: 1 });
    expect(describeChoice(choice)).toBe(`${text}1 is new.`);
    release();
    await pass(1);
    expect(sumProgress(queue.items)).toMatchObject({ staged: 1, inspected: 1 });
    expect(describeChoice(choice)).toBe('3 files chosen: 2 have been uploaded before, 1 is new.');
  });

  it('is among those to upload as long as nobody is signed in, and looked up after a sign-in', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.resume('alice');
    queue.add(createPhotos(2));
    queue.start({});
    await pass(10);
    queue.suspend();
    queue.add(createPhotos(2));
    await pass(5);
    expect(sumProgress(queue.items)).toMatchObject({ staged: 2, inspected: 2 });
    queue.resume('alice');
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'ready']);
  });

  it.each([
    ['alone', ''],
    ['with its folder', 'trip/'],
    ['with the folder around its own', 'all/trip/'],
  ])('is in the list once, however often it is chosen: %s', async (_, folder) => {
    const library = new FakeLibrary();
    const choose = (path: string) =>
      createPhotos(4).map((file) => rememberPath(file, path && `${path}${file.name}`));
    const queue = startQueue(library, choose('trip/'));
    await pass(10);
    for (let times = 0; times < 3; times++) {
      queue.noteChoice({ total: 4, found: 0, elsewhere: 0, added: queue.add(choose(folder)) });
      await pass(5);
      expect(listStates(queue)).toEqual(['ready', 'ready', 'ready', 'ready']);
      expect(queue.choice && describeChoice(queue.choice)).toBe(
        '4 files chosen: 4 have been uploaded before.',
      );
      expect(sumProgress(queue.items)).toMatchObject({ total: 4, done: 4, staged: 0 });
    }
    expect(library.puts).toHaveLength(4);
  });

  it('is in the list once where “Upload” is pressed before the library has said that it is there', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, createPhotos(2));
    await pass(10);
    queue.add(createPhotos(3));
    queue.start({});
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'ready']);
    // The library cannot be asked: the photo waits for “Upload”, and is known then.
    library.beforePoll = () => {
      throw new NetworkError('offline');
    };
    queue.add(createPhotos(1));
    await pass(60);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'ready', 'hashed']);
    queue.start({});
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'ready']);
  });

  it('is told of at the end of the upload that somebody has started for it', async () => {
    const queue = startQueue(new FakeLibrary(), createPhotos(2));
    await pass(10);
    queue.add(createPhotos(3));
    queue.start({});
    await pass(10);
    expect(sumProgress(queue.items)).toMatchObject({ total: 3, done: 3, upload: { ready: 3 } });
  });

  it('is new to whoever signs in while it leaves the list of the person before', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, createPhotos(1));
    await pass(10);
    queue.listener = {
      handleChange: ({ state }) => {
        if (state.name === 'duplicate') queueMicrotask(() => queue.release());
      },
      handleRemoval: () => undefined,
      handleReturn: () => undefined,
    };
    queue.add(createPhotos(1));
    await pass(5);
    expect(queue.items).toEqual([]);
    queue.listener = null;
    expect(queue.add(createPhotos(1))).toMatchObject([{ isRepeated: false }]);
  });

  it('stays beside one that is another: of another date, content or folder', async () => {
    const choose = (path: string, content: string, lastModified = 1): File =>
      rememberPath(new File([content], '1.jpg', { type: 'image/jpeg', lastModified }), path);
    const queue = startQueue(new FakeLibrary(), [choose('a/1.jpg', 'one')]);
    await pass(10);
    queue.add([choose('a/1.jpg', 'two'), choose('a/1.jpg', 'six', 2), choose('b/1.jpg', 'one')]);
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'hashed', 'hashed', 'duplicate']);
    queue.start({});
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'ready', 'duplicate']);
  });

  it('is new in none of two files that are the same photo, and are chosen again at once', async () => {
    const files = [createPhoto('a.jpg', 'same'), createPhoto('copy of a.jpg', 'same')];
    const queue = startQueue(new FakeLibrary(), files);
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'duplicate']);
    const added = queue.add(files);
    await pass(5);
    const choice = { total: 2, found: 0, elsewhere: 0, added };
    expect(describeChoice(choice)).toBe('2 files chosen: 2 have been uploaded before.');
    expect(listStates(queue)).toEqual(['ready', 'duplicate']);
  });

  it('is among those to upload where the picture has gone, or the library cannot be asked', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, createPhotos(2));
    await pass(10);
    library.rows.delete('ID1');
    queue.add([createPhoto('photo-0.jpg')]);
    await pass(5);
    library.beforePoll = () => {
      throw new NetworkError('offline');
    };
    queue.add([createPhoto('photo-1.jpg')]);
    await pass(60);
    expect(sumProgress(queue.items)).toMatchObject({ staged: 2, inspected: 2 });
    // The library answers again.
    library.beforePoll = () => undefined;
    queue.skipDelays();
    await pass(1);
    // The other one is in the list already.
    expect(listStates(queue)).toEqual(['ready', 'ready', 'hashed']);
  });

  it('is looked up by itself once the library answers again', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, createPhotos(2));
    await pass(10);
    library.beforePoll = () => {
      throw new ApiError(503, 'database-unavailable', 'Away.');
    };
    queue.add(createPhotos(2));
    await pass(60);
    expect(countStates(queue)).toEqual({ ready: 2, hashed: 2 });
    library.beforePoll = () => undefined;
    await pass(120);
    expect(countStates(queue)).toEqual({ ready: 2 });
  });

  it('is there once the other of its content is, which was under way', async () => {
    const library = new FakeLibrary();
    library.putMs = 5000;
    const queue = startQueue(library, [createPhoto('first.jpg', 'same')]);
    await pass(1);
    queue.add([createPhoto('again.jpg', 'same')]);
    await pass(2);
    expect(listStates(queue)).toEqual(['uploading', 'hashed']);
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'duplicate']);
  });
});

describe('what is counted at the end of an upload', () => {
  /** A queue that takes no text. */
  function createPickyQueue(library = new FakeLibrary()): UploadQueue {
    const inspect = async ({ name }: File) =>
      name.endsWith('.txt') ? { reason: createReason('not-a-picture', 'JPEG') } : { type: 'image/jpeg' };
    const queue = createQueue(library, { inspect });
    queue.resume('alice');
    return queue;
  }

  async function upload(queue: UploadQueue, ...names: string[]): Promise<void> {
    queue.add(names.map((name) => createPhoto(name)));
    await pass(5);
    queue.start({});
    await pass(10);
  }

  const count = (queue: UploadQueue) => sumProgress(queue.items).upload;

  it('is no file that was not taken before another upload, whose files were chosen during the first one', async () => {
    const library = new FakeLibrary();
    library.putMs = 8000;
    const queue = createPickyQueue(library);
    queue.add(['a.jpg', 'a.txt'].map((name) => createPhoto(name)));
    await pass(1);
    queue.start({});
    await pass(1);
    queue.add(['b.jpg', 'b.txt'].map((name) => createPhoto(name)));
    await pass(15);
    expect(listStates(queue)).toEqual(['ready', 'rejected', 'hashed', 'rejected']);
    expect(count(queue)).toEqual({ ...NO_FILES, ready: 1, rejected: 1 });
    queue.start({});
    await pass(15);
    expect(count(queue)).toEqual({ ...NO_FILES, ready: 1, rejected: 1 });
    expect(queue.items.map(({ isPast }) => isPast)).toEqual([true, true, false, false]);
  });

  it('is nothing of an earlier upload of which files are still missing', async () => {
    const facts = { size: 1, lastModified: 1, path: '', metadata: {}, shared: {}, position: 1 };
    const queue = createPickyQueue();
    queue.restore([
      UploadItem.restore({ ...facts, name: 'lost.jpg' }, null, { name: 'missing', content: null }),
      UploadItem.restore({ ...facts, name: 'there.jpg' }, null, {
        name: 'failed',
        reason: createReason('upload-lost'),
      }),
      UploadItem.restore({ ...facts, name: 'bad.txt', shared: null }, null, {
        name: 'rejected',
        reason: createReason('not-a-picture', 'JPEG'),
      }),
    ]);
    await upload(queue, 'new.jpg');
    expect(count(queue)).toMatchObject({ ready: 1, failed: 0, rejected: 0 });
  });

  it('is a file, too, that was not taken before, and now neither, where somebody has tried it again', async () => {
    const queue = createPickyQueue();
    await upload(queue, 'a.jpg', 'a.txt');
    queue.retry(getItem(queue, 1));
    await upload(queue, 'b.jpg');
    expect(count(queue)).toEqual({ ...NO_FILES, ready: 1, rejected: 1 });
  });
});

describe('what was chosen last', () => {
  /** Two files that are in the library, chosen again with two more, which are new. */
  async function choose(): Promise<UploadQueue> {
    const queue = createQueue(new FakeLibrary());
    queue.resume('alice');
    queue.add(createPhotos(2));
    queue.start({});
    await pass(10);
    queue.noteChoice({ total: 4, found: 0, elsewhere: 0, added: queue.add(createPhotos(4)) });
    await pass(5);
    return queue;
  }

  const describeLast = ({ choice }: UploadQueue): string | null => choice && describeChoice(choice);

  it('is known until somebody presses “Upload”', async () => {
    const queue = await choose();
    expect(describeLast(queue)).toBe('4 files chosen: 2 have been uploaded before, 2 are new.');
    queue.start({});
    expect(queue.choice).toBeNull();
  });

  it('is not told where all of it is new', () => {
    const queue = createQueue(new FakeLibrary());
    queue.noteChoice({ total: 2, found: 0, elsewhere: 0, added: queue.add(createPhotos(2)) });
    expect(queue.choice).toBeNull();
  });

  it.each<[string, (queue: UploadQueue) => void]>([
    ['the list is put away', (queue) => queue.release()],
    ['the list is forgotten', (queue) => void queue.forget()],
    ['somebody else signs in', (queue) => queue.resume('bob')],
    ['a file is removed', (queue) => queue.remove(getItem(queue, 0))],
    ['what is done is removed', (queue) => queue.removeAll('finished')],
    ['all files are cancelled', (queue) => queue.cancelAll()],
  ])('is forgotten when %s', async (_, act) => {
    const queue = await choose();
    act(queue);
    expect(queue.choice).toBeNull();
  });

  it('is not told where the list was put away while its files were added', async () => {
    const queue = await choose();
    const added = queue.add([createPhoto('before.jpg')]);
    queue.release();
    added.push(...queue.add([createPhoto('after.jpg')]));
    queue.noteChoice({ total: 2, found: 0, elsewhere: 0, added });
    expect(queue.choice).toBeNull();
  });

  it('names what was cancelled of it', async () => {
    const queue = await choose();
    queue.cancel(getItem(queue, 2));
    expect(describeLast(queue)).toBe(
      '4 files chosen: 2 have been uploaded before, 1 was cancelled, 1 is new.',
    );
  });

  it('counts a file as found again whose content was missing under another name', async () => {
    const queue = await choose();
    const content = { type: 'image/jpeg', sha256: Buffer.from('lost').toString('hex').padEnd(64, '0') };
    const facts = { name: 'lost.jpg', size: 4, lastModified: 0, path: '', metadata: {}, shared: null };
    queue.restore([UploadItem.restore({ ...facts, position: 9 }, null, { name: 'missing', content })]);
    const files = [...createPhotos(2), createPhoto('found.jpg', 'lost')];
    queue.noteChoice({ total: 3, found: 0, elsewhere: 0, added: queue.add(files) });
    await pass(5);
    expect(describeLast(queue)).toBe('3 files chosen: 1 was found again, 2 have been uploaded before.');
  });
});

describe('a missing file whose hash is not known', () => {
  const choose = (path: string, content = 'same'): File =>
    rememberPath(createPhoto(path.replace(/.*\//, ''), content), path.includes('/') ? path : '');

  /** A list in which files are missing that had not been hashed when the page was closed. */
  function lose(library: FakeLibrary, ...paths: string[]): UploadQueue {
    const queue = createQueue(library);
    queue.resume('alice');
    queue.restore(
      paths.map((path, index) => {
        const record = new UploadItem(choose(path));
        const facts = { name: record.name, size: record.size, lastModified: 1, path: record.path };
        const metadata = { description: `${index}` };
        return UploadItem.restore({ ...facts, metadata, shared: null, position: index }, null, {
          name: 'missing',
          content: null,
        });
      }),
    );
    return queue;
  }

  const listPaths = ({ items }: UploadQueue): [string, string | undefined][] =>
    items.map(({ path, metadata }) => [path, metadata.description]);

  it('is found where its folder is chosen instead of itself, and sent with what was typed about it', async () => {
    const library = new FakeLibrary();
    const queue = lose(library, '1.jpg', '2.jpg');
    expect(queue.add([choose('a/1.jpg', 'mine'), choose('a/2.jpg', 'also')])).toEqual([]);
    expect(listStates(queue)).toEqual(['waiting', 'waiting']);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'ready']);
    expect(library.puts.map(({ name }) => name)).toEqual(['1.jpg', '2.jpg']);
    expect(listPaths(queue)).toEqual([
      ['a/1.jpg', '0'],
      ['a/2.jpg', '1'],
    ]);
  });

  it('is found once where it is chosen twice at once', () => {
    const queue = lose(new FakeLibrary(), 'a/1.jpg');
    expect(queue.add([choose('1.jpg'), choose('1.jpg')])).toEqual([]);
    expect(listStates(queue)).toEqual(['waiting']);
  });

  it('is in the list by its new path from then on, so that another one at its old path is another file', async () => {
    const queue = lose(new FakeLibrary(), 'a/1.jpg');
    queue.add([choose('b/1.jpg', 'mine')]);
    expect(queue.add([choose('b/1.jpg', 'mine')])).toEqual([]);
    expect(queue.add([choose('a/1.jpg', 'your')])).toHaveLength(1);
    await pass(5);
    expect(listStates(queue)).toEqual(['hashed', 'hashed']);
  });

  it('is not found in the place of one that has left the list meanwhile', () => {
    const queue = lose(new FakeLibrary(), '1.jpg');
    const file = choose('a/1.jpg');
    const pairs = queue.pairListed([file]);
    queue.remove(getItem(queue, 0));
    expect(queue.add([file], pairs)).toHaveLength(1);
  });
});

describe('a file whose content the library has refused', () => {
  const ERROR = { code: 'undecodable', detail: 'The file is damaged.' } as const;

  /** A library in which a broken file has failed, and a queue that knows that. */
  async function refuse(
    error: { code: 'undecodable' | 'too-large'; detail: string } = ERROR,
  ): Promise<{ library: FakeLibrary; queue: UploadQueue }> {
    const library = new FakeLibrary();
    const queue = startQueue(library, [rememberPath(createPhoto('broken.jpg', 'broken'), '')]);
    await pass(0.2);
    const [row] = library.rows.values();
    if (row !== undefined) Object.assign(row, { state: 'failed', error });
    await pass(5);
    expect(listStates(queue)).toEqual(['failed']);
    return { library, queue };
  }

  it.each([false, true])(
    'is not sent again under another name, with “Upload” pressed at once: %s',
    async (isEager) => {
      const { library, queue } = await refuse();
      queue.add([createPhoto('other-name.jpg', 'broken'), createPhoto('good.jpg')]);
      if (isEager) queue.start({});
      await pass(5);
      queue.start({});
      await pass(5);
      expect(listStates(queue)).toEqual(['failed', 'rejected', 'ready']);
      expect(getReason(getItem(queue, 1).state)?.detail).toBe(
        'The library has refused this file before. The file is damaged.',
      );
      expect(library.creations).toHaveLength(2);
      expect(library.puts.map(({ name }) => name)).toEqual(['broken.jpg', 'good.jpg']);
    },
  );

  it.each(['', 'trip/broken.jpg'])('is in the list once, and sent once, with the path “%s”', async (path) => {
    const { library, queue } = await refuse();
    for (let times = 0; times < 3; times++) {
      const added = queue.add([rememberPath(createPhoto('broken.jpg', 'broken'), path)]);
      if (times === 1) queue.start({});
      await pass(5);
      queue.noteChoice({ total: 1, found: 0, elsewhere: 0, added });
      expect(queue.choice && describeChoice(queue.choice)).toBe('1 file chosen: 1 was refused before.');
      queue.start({});
      await pass(5);
      expect(listStates(queue)).toEqual(['failed']);
    }
    expect(library.puts).toHaveLength(1);
  });

  it('can be tried again in its last entry where only a limit of the library was in the way', async () => {
    const { queue, library } = await refuse({ code: 'too-large', detail: 'It is too large.' });
    queue.add([createPhoto('broken.jpg', 'broken')]);
    await pass(5);
    expect(listStates(queue)).toEqual(['rejected']);
    expect(canRetry(getItem(queue, 0).state)).toBe(true);
    expect(queue.add([createPhoto('broken.jpg', 'broken')])).toEqual([]);
    library.rows.clear();
    queue.retry(getItem(queue, 0));
    await pass(5);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it.each([false, true])(
    'is not sent under another name either that waits, started: %s',
    async (isStarted) => {
      const library = new FakeLibrary();
      const queue = startQueue(library, [createPhoto('broken.jpg', 'broken')]);
      await pass(0.2);
      queue.add([createPhoto('other-name.jpg', 'broken'), createPhoto('good.jpg')]);
      if (isStarted) queue.start({});
      await pass(0.05);
      const [row] = library.rows.values();
      if (row !== undefined) Object.assign(row, { state: 'failed', error: ERROR });
      await pass(5);
      queue.start({});
      await pass(5);
      expect(listStates(queue)).toEqual(['failed', 'rejected', 'ready']);
      expect(library.puts.map(({ name }) => name)).toEqual(['broken.jpg', 'good.jpg']);
    },
  );

  it('is sent again when somebody asks for it, and known as good once the library takes it', async () => {
    const { library, queue } = await refuse();
    library.rows.clear();
    queue.add([createPhoto('again.jpg', 'broken')]);
    await pass(5);
    queue.retry(getItem(queue, 1));
    await pass(5);
    expect(listStates(queue)).toEqual(['failed', 'hashed']);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['failed', 'ready']);
    queue.add([createPhoto('third.jpg', 'broken')]);
    await pass(5);
    expect(listStates(queue)).toEqual(['failed', 'ready', 'duplicate']);
  });

  it('is sent again where the refusal was for something else', async () => {
    const library = new FakeLibrary();
    library.answerFor = ({ tags }) =>
      tags === undefined ? { state: 'rejected', error: { code: 'invalid-tag', detail: 'No.' } } : null;
    const queue = startQueue(library, [createPhoto('photo.jpg', 'same')]);
    await pass(5);
    queue.add([createPhoto('again.jpg', 'same')]);
    await pass(5);
    expect(listStates(queue)).toEqual(['rejected', 'hashed']);
  });
});

describe('a folder that is chosen again, with files that were not taken', () => {
  const choose = (name: string, lastModified = 1): File =>
    rememberPath(new File([name], name, { lastModified }), `trip/${name}`);

  function createPickyQueue(): UploadQueue {
    const inspect = async ({ name }: File) =>
      name.endsWith('.txt') ? { reason: createReason('not-a-picture', 'JPEG') } : { type: 'image/jpeg' };
    const queue = createQueue(new FakeLibrary(), { inspect });
    queue.resume('alice');
    return queue;
  }

  it('has none of them twice, nor what could not be opened', async () => {
    const queue = createPickyQueue();
    const unopened = new UnopenedFile('locked', 'trip/locked', new Error('Not allowed.'));
    for (let times = 0; times < 3; times++) {
      queue.add([...['a.txt', 'b.txt', 'c.jpg'].map((name) => choose(name)), unopened]);
      await pass(2);
      expect(countStates(queue)).toEqual({ rejected: 2, hashed: 1, failed: 1 });
    }
  });

  it.each([[['', 'all/', '', 'all/b/', 'all/']], [['all/b/', 'b/', '', 'all/b/']]])(
    'has none of them twice that were chosen from elsewhere: %s',
    async (folders) => {
      const queue = createPickyQueue();
      for (const folder of folders) {
        const names = ['a.txt', 'b.txt', 'c.jpg'];
        queue.add(
          names.map((name) =>
            rememberPath(new File([name], name, { lastModified: 1 }), folder && folder + name),
          ),
        );
        await pass(2);
        expect(countStates(queue)).toEqual({ rejected: 2, hashed: 1 });
      }
    },
  );

  it('has each of several that look the same', async () => {
    const queue = createPickyQueue();
    const chooseAll = (around: string): File[] =>
      ['b', 'c', 'd'].map((folder) =>
        rememberPath(new File(['same'], 'a.txt', { lastModified: 1 }), `${around}${folder}/a.txt`),
      );
    expect(queue.add(chooseAll(''))).toHaveLength(3);
    await pass(2);
    expect(queue.add(chooseAll('all/'))).toHaveLength(0);
    expect(
      queue.add([rememberPath(new File(['same'], 'a.txt', { lastModified: 1 }), 'e/a.txt')]),
    ).toHaveLength(1);
  });

  it('has them again where they have changed, or are no longer in the list', async () => {
    const queue = createPickyQueue();
    queue.add([choose('a.txt'), choose('b.txt')]);
    await pass(2);
    queue.remove(getItem(queue, 0));
    expect(queue.add([choose('a.txt'), choose('b.txt', 2)])).toHaveLength(2);
    await pass(2);
    expect(queue.add([choose('a.txt'), choose('b.txt'), choose('b.txt', 2)])).toEqual([]);
  });

  it('has those looked at again, and not twice, that an earlier page has not taken', async () => {
    const typed = { ownTitle: 'My title', metadata: { tags: ['gull'] } };
    const facts = { size: 5, lastModified: 1, ...typed, shared: null };
    const state: UploadState = { name: 'rejected', reason: createReason('not-a-picture', 'JPEG') };
    const restored = ['a.txt', 'b.jpg', 'c.jpg'].map((name, position) =>
      UploadItem.restore({ ...facts, name, path: `trip/${name}`, position }, null, state),
    );
    const queue = createPickyQueue();
    queue.restore(restored);
    for (let times = 0; times < 2; times++) {
      // What is taken may have changed since.
      queue.add(['a.txt', 'b.jpg'].map((name) => choose(name)));
      await pass(2);
      expect(countStates(queue)).toEqual({ rejected: 2, hashed: 1 });
      expect(queue.items).toMatchObject([typed, typed, typed]);
    }
  });

  it('says that they are in the list', async () => {
    const queue = createPickyQueue();
    queue.add([choose('a.txt')]);
    await pass(2);
    const added = queue.add([choose('a.txt'), choose('c.jpg')]);
    queue.noteChoice({ total: 2, found: 0, elsewhere: 0, added });
    expect(queue.choice && describeChoice(queue.choice)).toBe(
      '2 files chosen: 1 is in the list already, 1 is being looked at …',
    );
  });
});

describe('a file that is in the list, alone or with its folder', () => {
  const choose = (path: string): File =>
    rememberPath(createPhoto(path.replace(/.*\//, ''), 'same'), path.includes('/') ? path : '');

  it.each<[string, string[], string[], number]>([
    ['chosen alone, and then with its folder', ['1.jpg', '2.jpg'], ['a/1.jpg', 'a/2.jpg'], 0],
    ['chosen with its folder, and then alone', ['a/1.jpg'], ['1.jpg'], 0],
    ['chosen with its folder, and then alone, twice at once', ['a/1.jpg'], ['1.jpg', '1.jpg'], 0],
    ['in another folder', ['a/1.jpg'], ['b/1.jpg'], 1],
    ['as two that are chosen then', ['1.jpg'], ['a/1.jpg', 'b/1.jpg'], 2],
    ['with another name', ['1.jpg'], ['a/2.jpg'], 1],
  ])('is no other one: %s', async (_, first, second, added) => {
    const queue = createQueue(new FakeLibrary());
    queue.resume('alice');
    queue.add(first.map(choose));
    expect(queue.add(second.map(choose))).toHaveLength(added);
    await pass(2);
    expect(queue.add(second.map(choose))).toEqual([]);
  });

  it.each(['1.jpg', 'a/1.jpg'])('is wanted again where it is just being cancelled: %s', async (path) => {
    const library = new FakeLibrary();
    library.putOutcome = (_, attempt) => (attempt === 1 ? 'hang' : undefined);
    const queue = startQueue(library, [choose('1.jpg')]);
    await pass(1);
    queue.cancelAll();
    expect(listStates(queue)).toEqual(['cancelling']);
    const added = queue.add([choose(path)]);
    expect(added.map(({ isRepeated }) => isRepeated)).toEqual([false]);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['cancelled', 'ready']);
  });

  it('can be uploaded again once it is finished', async () => {
    const queue = createQueue(new FakeLibrary());
    queue.resume('alice');
    queue.add([choose('1.jpg')]);
    queue.cancelAll();
    expect(queue.add([choose('a/1.jpg')])).toHaveLength(1);
  });
});

it('names, when all is forgotten, the rows whose files have not arrived', async () => {
  const library = new FakeLibrary();
  library.processingMs = 1e9;
  library.putOutcome = (name) => (name === 'photo-0.jpg' ? undefined : 'hang');
  const queue = startQueue(library, createPhotos(6));
  queue.add([createPhoto('staged.jpg')]);
  await pass(5);
  expect(countStates(queue)).toEqual({ processing: 1, uploading: 4, queued: 1, hashed: 1 });
  const { ids, later } = queue.forget();
  expect([...ids].sort()).toEqual(['ID2', 'ID3', 'ID4', 'ID5', 'ID6']);
  expect(later).toBeNull();
  expect(queue.items).toEqual([]);
});

describe('what is forgotten while the library is asked for rows', () => {
  /** Two files about which a request is on its way. */
  async function create(library: FakeLibrary): Promise<UploadQueue> {
    const queue = createQueue(library);
    queue.resume('alice');
    queue.add(createPhotos(2));
    await pass(1);
    queue.start({});
    await pass(0.005);
    expect(library.creations).toHaveLength(1);
    return queue;
  }

  it('tells the rows once the library has answered, and sends nothing', async () => {
    const library = new FakeLibrary();
    const queue = await create(library);
    const { ids, later } = queue.forget();
    // The list is another one's by the time of the answer.
    queue.release();
    await pass(5);
    expect(ids).toEqual([]);
    expect(await later).toEqual({ ids: ['ID1', 'ID2'], areAll: true });
    expect(library.puts).toEqual([]);
  });

  it.each([
    ['may have made rows of which nobody has heard', new NetworkError('down'), false],
    ['was refused, and has made none', new ApiError(403, 'scope-missing', 'No.'), true],
  ])('says whether a request %s', async (_what, error, areAll) => {
    const library = new FakeLibrary();
    library.beforeCreation = () => {
      throw error;
    };
    const queue = await create(library);
    const { later } = queue.forget();
    await pass(1);
    expect(await later).toEqual({ ids: [], areAll });
  });

  it('says so, too, of a request that has failed before, and is to be repeated', async () => {
    const library = new FakeLibrary();
    library.beforeCreation = () => {
      throw new NetworkError('down');
    };
    const queue = await create(library);
    await pass(0.1);
    const { later } = queue.forget();
    expect(await later).toEqual({ ids: [], areAll: false });
    await pass(60);
    expect(library.creations).toHaveLength(1);
  });
});

it('tells files that were chosen before a moment, or in a page before, from later ones', async () => {
  const queue = createQueue(new FakeLibrary());
  const start = performance.now();
  await pass(1);
  queue.add(createPhotos(1));
  expect(queue.hasUnsentFilesFrom(start)).toBe(false);
  expect(queue.hasUnsentFilesFrom(performance.now() + 1)).toBe(true);
  queue.restore([UploadItem.restore({ ...FACTS, metadata: {}, shared: null, position: 1 }, null, begin())]);
  expect(queue.hasUnsentFilesFrom(start)).toBe(true);
});

const FACTS = { name: 'old.jpg', size: 1, lastModified: 0, path: '' };

describe('cancelling', () => {
  it('stops a PUT and cancels the upload', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    const queue = startQueue(library, createPhotos(1));
    await pass(1);
    expect(listStates(queue)).toEqual(['uploading']);
    queue.cancel(getItem(queue, 0));
    expect(listStates(queue)).toEqual(['cancelling']);
    await pass(1);
    expect(listStates(queue)).toEqual(['cancelled']);
    expect(library.cancellations).toEqual(['ID1']);
    expect(library.sending).toBe(0);
  });

  it('stops hashing', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library, {
      hash: (_file, _onProgress, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new DOMException('Cancelled', 'AbortError')));
        }),
    });
    queue.add(createPhotos(3));
    await pass(1);
    expect(listStates(queue)).toEqual(['hashing', 'hashing', 'waiting']);
    queue.cancel(getItem(queue, 0));
    await pass(1);
    expect(listStates(queue)).toEqual(['cancelled', 'hashing', 'hashing']);
  });

  it('cancels the row of a file that was cancelled while its batch was created', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(2));
    await pass(1);
    queue.start({});
    await pass(0.005);
    expect(library.creations).toHaveLength(1);
    queue.cancel(getItem(queue, 0));
    await pass(5);
    expect(listStates(queue)).toEqual(['cancelled', 'ready']);
    expect(library.cancellations).toEqual(['ID1']);
  });

  it('shows what became of a file that was cancelled too late', async () => {
    const library = new FakeLibrary();
    library.processingMs = 3000;
    library.isTooLateToCancel = true;
    const queue = startQueue(library, createPhotos(1));
    await pass(1);
    queue.cancel(getItem(queue, 0));
    await pass(10);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('is not shown as done before the library has confirmed it', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    let isDown = true;
    library.beforeCancellation = () => {
      if (isDown) throw new ApiError(503, 'storage-unavailable', 'Storage does not answer just now.', 3);
    };
    const queue = startQueue(library, createPhotos(2));
    await pass(1);
    queue.cancel(getItem(queue, 0));
    await pass(20);
    expect(listStates(queue)).toEqual(['cancelling', 'uploading']);
    expect(queue.hasUnsentFiles).toBe(true);
    expect(queue.outage?.detail).toBe('Storage does not answer just now.');
    expect(library.cancellations.length).toBeGreaterThan(1);
    isDown = false;
    await pass(35);
    expect(listStates(queue)).toEqual(['cancelled', 'uploading']);
    expect(library.rows.has('ID1')).toBe(false);
    expect(queue.outage).toBeNull();
  });

  it('shows the picture that was published while the library could not be told', async () => {
    const library = new FakeLibrary();
    library.processingMs = 5000;
    let isDown = true;
    library.beforeCancellation = () => {
      if (isDown) throw new NetworkError('down');
      for (const row of library.rows.values()) row.state = 'ready';
    };
    const queue = startQueue(library, createPhotos(1));
    await pass(2);
    expect(listStates(queue)).toEqual(['processing']);
    queue.cancel(getItem(queue, 0));
    await pass(10);
    isDown = false;
    await pass(30);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('waits for a sign-in when the token has run out, and is done when the row is gone anyhow', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    let isExpired = true;
    library.beforeCancellation = () => {
      if (isExpired) throw new ApiError(401, 'token-expired', 'It has expired.');
    };
    const queue = startQueue(library, createPhotos(1));
    await pass(1);
    queue.cancel(getItem(queue, 0));
    await pass(5);
    expect(queue.pause?.kind).toBe('sign-in');
    expect(listStates(queue)).toEqual(['cancelling']);
    isExpired = false;
    library.rows.clear();
    queue.resume('alice');
    await pass(5);
    expect(listStates(queue)).toEqual(['cancelled']);
  });

  it('says so when the library refuses it for good', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    library.beforeCancellation = () => {
      throw new ApiError(400, 'invalid-id', 'That is not an id.');
    };
    const queue = startQueue(library, createPhotos(1));
    await pass(1);
    queue.cancel(getItem(queue, 0));
    await pass(5);
    expect(getStates(queue)[0]).toMatchObject({
      name: 'failed',
      reason: { code: 'cancel-refused', detail: expect.stringMatching(/not an id/), canRetry: false },
    });
  });

  it('can be taken back, and finished files leave the list', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(3));
    await pass(1);
    const first = getItem(queue, 0);
    queue.cancel(first);
    queue.start({});
    await pass(5);
    expect(countStates(queue)).toEqual({ cancelled: 1, ready: 2 });
    queue.retry(first);
    queue.removeAll('finished');
    expect(queue.items).toEqual([first]);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('leaves nothing active after all files were cancelled', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    const queue = startQueue(library, createPhotos(6));
    await pass(1);
    queue.cancelAll();
    await pass(1);
    expect(countStates(queue)).toEqual({ cancelled: 6 });
    expect(library.rows.size).toBe(0);
  });

  it('cancels some of the files, and uploads them again together', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    const queue = startQueue(library, createPhotos(5));
    await pass(1);
    queue.cancelAll(queue.items.slice(0, 2));
    await pass(1);
    expect(listStates(queue).slice(0, 2)).toEqual(['cancelled', 'cancelled']);
    expect(countStates(queue)).toMatchObject({ cancelled: 2, uploading: 3 });
    library.putOutcome = () => undefined;
    queue.retryCancelled();
    await pass(10);
    expect(listStates(queue).slice(0, 2)).toEqual(['ready', 'ready']);
    expect(queue.countCancelled()).toBe(0);
  });

  it('takes few requests for many files, and has an outcome for each', async () => {
    const library = new FakeLibrary();
    library.processingMs = 60_000;
    const queue = startQueue(library, createPhotos(25), {}, { cancelSize: 10 });
    await pass(10);
    expect(countStates(queue)).toEqual({ processing: 25 });
    const published = library.rows.get('ID7');
    if (published) published.state = 'ready';
    queue.cancelAll();
    expect(queue.summarise(sumProgress)).toMatchObject({ active: 0, counts: { cancelling: 25, active: 0 } });
    await pass(10);
    expect(library.cancelRequests.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(countStates(queue)).toEqual({ cancelled: 24, ready: 1 });
    expect([...library.rows.keys()]).toEqual(['ID7']);
  });

  it('has one request for the rows of all files that were cancelled while their batch was created', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(3));
    await pass(1);
    queue.start({});
    await pass(0.001);
    queue.cancelAll();
    await pass(1);
    expect(library.cancelRequests).toEqual([['ID1', 'ID2', 'ID3']]);
    expect(library.rows.size).toBe(0);
  });
});

describe('pausing', () => {
  it('sends nothing, follows what has arrived, and goes on', async () => {
    const library = new FakeLibrary();
    library.processingMs = 2000;
    library.putOutcome = (name, attempt) => (/[12]/.test(name) && attempt === 1 ? 'hang' : undefined);
    const queue = startQueue(library, createPhotos(4), {}, { connections: 2 });
    await pass(1);
    expect(listStates(queue)).toEqual(['processing', 'uploading', 'uploading', 'queued']);
    queue.halt();
    queue.add([createPhoto('later.jpg')]);
    queue.skipDelays();
    await pass(60);
    expect(listStates(queue)).toEqual(['ready', 'queued', 'queued', 'queued', 'hashed']);
    expect(library.sending).toBe(0);
    queue.goOn();
    await pass(10);
    expect(countStates(queue)).toEqual({ ready: 4, hashed: 1 });
  });

  it('ends when somebody presses “Upload”', async () => {
    const queue = createQueue(new FakeLibrary());
    queue.halt();
    queue.add(createPhotos(2));
    queue.start({});
    await pass(5);
    expect(queue.isHalted).toBe(false);
    expect(countStates(queue)).toEqual({ ready: 2 });
  });
});

describe('titles', () => {
  it('are what the file name suggests or somebody has typed, else the file name', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(
      ['waves-at-night 017.jpg', 'otters.jpg', 'roman-road.jpg', 'DSC_0417.JPG'].map((name) =>
        createPhoto(name),
      ),
    );
    queue.entitle(getItem(queue, 1), ' Otters at rest ');
    queue.entitle(getItem(queue, 2), '');
    queue.start({});
    await pass(5);
    const names = library.creations.flatMap(({ files }) => files.map(({ name }) => name));
    expect(names).toEqual(['Waves at night', 'Otters at rest', 'roman-road.jpg', 'DSC_0417.JPG']);
  });
});

describe('the order of the list', () => {
  it('is that in which the files are sent', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library, {}, { connections: 1 });
    queue.add(['b10.jpg', 'b9.jpg', 'a.jpg'].map((name) => createPhoto(name)));
    queue.sort('name');
    queue.start({});
    await pass(10);
    expect(library.puts.map(({ name }) => name)).toEqual(['a.jpg', 'b9.jpg', 'b10.jpg']);
    queue.sort('chosen');
    expect(queue.items.map(({ name }) => name)).toEqual(['b10.jpg', 'b9.jpg', 'a.jpg']);
  });
});

describe('taking a cancellation back', () => {
  it('lets all of its files go on, also those whose rows are still being removed', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (_name, attempt) => (attempt === 1 ? 'hang' : undefined);
    const queue = startQueue(library, createPhotos(2), {}, { connections: 1 });
    await pass(1);
    queue.add([createPhoto('staged.jpg')]);
    await pass(1);
    queue.cancelAll();
    expect(listStates(queue)).toEqual(['cancelling', 'cancelling', 'cancelled']);
    expect(queue.cancelled).toHaveLength(3);
    queue.undoCancellation();
    expect(queue.cancelled).toEqual([]);
    library.putOutcome = () => undefined;
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'hashed']);
  });

  it('gives back what was typed about a file', async () => {
    const queue = createQueue(new FakeLibrary());
    queue.add(createPhotos(1));
    const item = getItem(queue, 0);
    queue.describe(item, { credit: 'Eve' });
    queue.entitle(item, 'Harbour');
    queue.cancel(item);
    queue.undoCancellation();
    await pass(1);
    expect(listStates(queue)).toEqual(['hashed']);
    expect([item.isStarted, item.metadata, item.ownTitle]).toEqual([false, { credit: 'Eve' }, 'Harbour']);
  });

  it('asks the API only about those whose rows are being removed at that moment', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    const queue = startQueue(library, createPhotos(30), {}, { connections: 2, cancelSize: 2 });
    await pass(1);
    queue.cancelAll();
    await pass(0.002);
    queue.undoCancellation();
    expect(library.cancellations).toHaveLength(4);
    library.putOutcome = () => undefined;
    await pass(20);
    expect(countStates(queue)).toEqual({ ready: 30 });
    expect(library.cancellations).toHaveLength(4);
    expect(library.creations.flatMap(({ files }) => files)).toHaveLength(34);
  });
});

describe('cancellations that follow each other', () => {
  it('are taken back together, with those that are still cancelled', async () => {
    const queue = createQueue(new FakeLibrary());
    queue.add(createPhotos(5));
    await pass(1);
    for (const index of [0, 1, 2, 3]) {
      queue.cancel(getItem(queue, index));
      await pass(20);
    }
    queue.retry(getItem(queue, 1));
    queue.remove(getItem(queue, 3));
    queue.cancel(getItem(queue, 3));
    expect(queue.countCancelled()).toBe(3);
    queue.undoCancellation();
    await pass(1);
    expect(listStates(queue)).toEqual(['hashed', 'hashed', 'hashed', 'hashed']);
  });

  it('are of their own after half a minute', async () => {
    const queue = createQueue(new FakeLibrary());
    queue.add(createPhotos(2));
    await pass(1);
    queue.cancel(getItem(queue, 0));
    await pass(31);
    queue.cancel(getItem(queue, 1));
    expect(queue.countCancelled()).toBe(1);
    queue.undoCancellation();
    await pass(1);
    expect(listStates(queue)).toEqual(['cancelled', 'hashed']);
  });
});

describe('the last cancellation', () => {
  it('counts the files alone that are cancelled, or about to be', async () => {
    const library = new FakeLibrary();
    library.processingMs = 3000;
    library.isTooLateToCancel = true;
    const queue = startQueue(library, createPhotos(2));
    await pass(1);
    queue.add([createPhoto('later.jpg')]);
    queue.cancelAll();
    expect(queue.countCancelled()).toBe(3);
    await pass(10);
    expect(countStates(queue)).toEqual({ ready: 2, cancelled: 1 });
    expect(queue.countCancelled()).toBe(1);
    queue.retry(getItem(queue, 2));
    expect(queue.countCancelled()).toBe(0);
  });
});

describe('a cancellation that was taken back while it was under way', () => {
  /** One file whose row the library is just being asked to remove, and that is wanted again. */
  async function undoTooLate(library: FakeLibrary): Promise<UploadQueue> {
    const queue = startQueue(library, createPhotos(1));
    await pass(1);
    queue.cancel(getItem(queue, 0));
    await pass(0.002);
    queue.undoCancellation();
    expect(listStates(queue)).toEqual(['cancelling']);
    return queue;
  }

  it.each([
    ['never reached the library', () => new NetworkError('down')],
    ['was refused', () => new ApiError(400, 'invalid-id', 'That is not an id.')],
    ['came with a token that had run out', () => new ApiError(401, 'token-expired', 'It has expired.')],
  ])('has nothing sent again when it %s', async (_how, createError) => {
    const library = new FakeLibrary();
    library.processingMs = 5000;
    library.beforeCancellation = () => {
      throw createError();
    };
    const queue = await undoTooLate(library);
    await pass(1);
    queue.resume('alice');
    await pass(30);
    expect(listStates(queue)).toEqual(['ready']);
    expect(library.cancellations).toHaveLength(1);
    expect(library.puts).toHaveLength(1);
  });

  it('can be cancelled again', async () => {
    const library = new FakeLibrary();
    library.processingMs = 5000;
    const queue = await undoTooLate(library);
    queue.cancelAll();
    expect(queue.cancelled).toHaveLength(1);
    await pass(30);
    expect(listStates(queue)).toEqual(['cancelled']);
    expect(library.puts).toHaveLength(1);
  });

  it('leaves the file to its owner when another person signs in', async () => {
    const library = new FakeLibrary();
    library.processingMs = 5000;
    library.beforeCancellation = () => {
      throw new NetworkError('down');
    };
    const queue = createQueue(library);
    queue.resume('alice');
    queue.add(createPhotos(1));
    queue.start({});
    await pass(1);
    queue.cancel(getItem(queue, 0));
    await pass(0.002);
    queue.undoCancellation();
    queue.resume('bob');
    expect(getStates(queue)[0]).toMatchObject({ reason: { code: 'sent-by-another' } });
  });
});

describe('an answer about a row that the file no longer has', () => {
  it('says nothing about the next row of the file', async () => {
    const library = new FakeLibrary();
    library.ticketSeconds = 60;
    library.putOutcome = (name, attempt) => (name === 'photo-0.jpg' && attempt === 1 ? 'hang' : undefined);
    const renew = library.renewTickets.bind(library);
    const asked: string[][] = [];
    library.renewTickets = async (ids) => {
      asked.push(ids);
      await sleep(5000);
      return renew(ids);
    };
    const queue = startQueue(library, createPhotos(2), {}, { connections: 1 });
    await pass(50);
    queue.skipDelays();
    await pass(1);
    expect(asked).toEqual([['ID2']]);
    const second = getItem(queue, 1);
    queue.cancel(second);
    await pass(1);
    queue.undoCancellation();
    await pass(1);
    expect(second.state).toMatchObject({ name: 'queued', id: 'ID3' });
    await pass(5);
    expect(second.state).toMatchObject({ name: 'queued', id: 'ID3' });
  });

  it('confirms no later cancellation', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    const cancelUploads = library.cancelUploads.bind(library);
    library.cancelUploads = async (ids) => {
      if (ids.includes('ID1')) await sleep(5000);
      return cancelUploads(ids);
    };
    const queue = createQueue(library);
    queue.resume('alice');
    queue.add(createPhotos(1));
    queue.start({});
    await pass(1);
    const item = getItem(queue, 0);
    queue.cancel(item);
    await pass(0.1);
    queue.undoCancellation();
    library.rows.delete('ID1');
    queue.resume('bob');
    await pass(1);
    expect(item.state).toMatchObject({ name: 'uploading', id: 'ID2' });
    queue.cancel(item);
    await pass(10);
    expect(listStates(queue)).toEqual(['cancelled']);
    expect(library.cancellations).toEqual(['ID2', 'ID1']);
    expect(library.rows.size).toBe(0);
  });

  it('has no file sent whose details somebody is changing', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(1));
    await pass(1);
    queue.start({ description: 'Trip' });
    await pass(0.001);
    expect(library.creations).toHaveLength(1);
    const item = getItem(queue, 0);
    queue.cancel(item);
    queue.reopen(item);
    await pass(5);
    expect(listStates(queue)).toEqual(['hashed']);
    expect(library.puts).toEqual([]);
  });

  it('removes no row that the file gets again', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(1));
    await pass(1);
    queue.start({});
    await pass(0.001);
    queue.cancelAll();
    await pass(0.018);
    queue.undoCancellation();
    await pass(10);
    expect(listStates(queue)).toEqual(['ready']);
    expect(library.cancellations).toEqual([]);
    expect(library.puts).toHaveLength(1);
  });
});

describe('reopening', () => {
  it('lets a refused file wait for “Upload” again, with other details', async () => {
    const library = new FakeLibrary();
    library.answerFor = ({ tags }) =>
      tags === undefined ? { state: 'rejected', error: { code: 'invalid-tag', detail: 'No.' } } : null;
    const queue = createQueue(library);
    queue.add(createPhotos(1));
    queue.start({ description: 'Trip' });
    await pass(2);
    const item = getItem(queue, 0);
    expect(needsOtherDetails(item.state)).toBe(true);
    queue.reopen(item);
    await pass(5);
    expect(listStates(queue)).toEqual(['hashed']);
    expect(item.isStarted).toBe(false);
    // What was said of the whole batch can be changed for this file, too.
    expect(item.metadata).toEqual({ description: 'Trip' });
    queue.describe(item, { tags: ['sea'] });
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
  });
});

describe('removing', () => {
  it('keeps what somebody has to look at', async () => {
    const library = new FakeLibrary();
    library.answerFor = ({ name }) =>
      name === 'photo-1.jpg' ? { state: 'rejected', error: { code: 'empty', detail: 'Empty.' } } : null;
    const queue = startQueue(library, createPhotos(3));
    await pass(5);
    queue.removeAll('finished');
    expect(listStates(queue)).toEqual(['rejected']);
  });

  it('calls no cancelled file finished', async () => {
    const queue = startQueue(new FakeLibrary(), createPhotos(1));
    await pass(5);
    queue.add([createPhoto('later.jpg')]);
    queue.cancelAll();
    await pass(1);
    queue.removeAll('finished');
    expect(listStates(queue)).toEqual(['cancelled']);
    queue.removeAll('cancelled');
    expect(queue.items).toEqual([]);
  });

  it('can be taken back until something else is done, and each file returns to its place', async () => {
    const queue = createQueue(new FakeLibrary());
    queue.add(createPhotos(3));
    queue.cancel(getItem(queue, 1));
    queue.start({});
    await pass(5);
    const before = [...queue.items];
    queue.removeAll('finished');
    expect(queue.removed).toHaveLength(2);
    queue.undoRemoval();
    expect(queue.items).toEqual(before);
    expect(queue.removed).toEqual([]);
    // Files that are in the list are not listed twice.
    queue.removeAll('cancelled');
    queue.add([createPhoto('later.jpg')]);
    queue.undoRemoval();
    await pass(1);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'hashed']);
  });

  it('of one file can be taken back, with what was typed about it', async () => {
    const queue = createQueue(new FakeLibrary());
    queue.add(createPhotos(3));
    const item = getItem(queue, 1);
    queue.describe(item, { description: 'At the sea', tags: ['sea'] });
    queue.entitle(item, 'Harbour');
    queue.cancel(item);
    queue.remove(item);
    expect(queue.items).toHaveLength(2);
    expect(queue.removed).toEqual([item]);
    queue.undoRemoval();
    expect(queue.items[1]).toBe(item);
    queue.retry(item);
    await pass(1);
    expect(item.isStarted).toBe(false);
    expect([item.metadata, item.ownTitle]).toEqual([{ description: 'At the sea', tags: ['sea'] }, 'Harbour']);
    // A file that is under way stays, and takes nothing from what can be undone.
    queue.removeAll('cancelled');
    queue.remove(item);
    expect([queue.items.length, queue.removed]).toEqual([3, []]);
  });

  it('keeps files that are not finished', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (name) => (name === 'photo-1.jpg' ? 'hang' : undefined);
    const queue = startQueue(library, createPhotos(2));
    await pass(5);
    for (const item of queue.items) queue.remove(item);
    expect(listStates(queue)).toEqual(['uploading']);
  });
});
