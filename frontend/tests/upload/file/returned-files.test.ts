/** Files that come back from an earlier page while, or after, somebody chooses them again: none is in the list twice, or loses anything. */
import { describe, expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import { createReason } from '../../../src/app/reasons';
import { sumProgress } from '../../../src/upload/file/progress';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { ReturnedFiles } from '../../../src/upload/file/returned-files';
import { NO_RETRIES, type UploadState } from '../../../src/upload/file/state';
import type { UploadQueue } from '../../../src/upload/queue/queue.svelte';
import type { Ports } from '../../../src/upload/stage/ports';
import { rememberPath } from '../../../src/upload/selection/file-handles';
import { createEmbedded, createPhoto as createFile, sleep } from '../../fixtures';
import { createQueue, FakeLibrary, getItem, listStates, pass, useFakeTime } from '../fake-library';

useFakeTime();

/** SHA-256 of a photo, as the queue of the tests computes it. */
const hash = (text: string): string => Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);
const content = { type: 'image/jpeg', sha256: hash('a.jpg') };
const MISSING: UploadState = { name: 'missing', content: null };

const createPhoto = (name: string, text?: string): File => rememberPath(createFile(name, text), '');

/** A file as it comes back from an earlier page. */
function restore(file: File, state: UploadState, changes: Partial<UploadItem> = {}): UploadItem {
  const { name, size, lastModified } = file;
  const facts = { name, size, lastModified, path: '', metadata: {}, shared: null, position: 1 };
  return UploadItem.restore({ ...facts, ...changes }, null, state);
}

function createAlicesQueue(library = new FakeLibrary(), ports: Partial<Ports> = {}) {
  const queue = createQueue(library, ports);
  queue.resume('alice');
  return queue;
}

describe('a missing file', () => {
  it.each(['failed', 'cancelled'])('goes on once it is chosen again, though it has %s here', async (end) => {
    const library = new FakeLibrary();
    library.putOutcome = () => 400;
    const queue = createAlicesQueue(library);
    const photo = createPhoto('a.jpg');
    queue.add([photo]);
    if (end === 'cancelled') queue.cancelAll();
    else {
      queue.start({});
      await pass(600);
    }
    expect(listStates(queue)).toEqual([end]);
    queue.restore([restore(photo, MISSING)]);
    queue.add([photo]);
    await pass(2);
    expect(listStates(queue)).toEqual([end, 'hashed']);
  });

  it.each([
    ['its cancellation is taken back', (queue: UploadQueue) => queue.undoCancellation()],
    ['it is tried again', (queue: UploadQueue) => queue.retry(getItem(queue, 0))],
  ])('is in the list once where %s after it was chosen again', async (_, wantAgain) => {
    const queue = createAlicesQueue();
    const photo = createPhoto('a.jpg');
    queue.restore([restore(photo, MISSING, { shared: {} })]);
    queue.cancel(getItem(queue, 0));
    queue.add([photo]);
    await pass(1);
    wantAgain(queue);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('has what the file says about itself, also where that is read later than its content', async () => {
    const queue = createAlicesQueue(new FakeLibrary(), {
      hash: async (file, { onReading, onEmbedded }) => {
        onReading();
        setTimeout(onEmbedded, 300, { title: 'A title', caption: 'A caption' });
        return hash(file.name);
      },
    });
    const photo = createPhoto('a.jpg');
    queue.add([photo]);
    await pass(0.1);
    expect(listStates(queue)).toEqual(['hashed']);
    queue.restore([restore(photo, MISSING)]);
    await pass(2);
    expect(queue.items).toMatchObject([{ embedded: { caption: 'A caption' }, isReading: false }]);
  });

  it('has what the file says about itself, also where it was started before that was known', async () => {
    const library = new FakeLibrary();
    const queue = createAlicesQueue(library, {
      hash: async (file, { onEmbedded }) => {
        onEmbedded(createEmbedded({ title: 'A title' }));
        return hash(file.name);
      },
    });
    const photo = createPhoto('a.jpg');
    queue.add([photo]);
    await pass(1);
    queue.restore([restore(photo, MISSING, { shared: {} })]);
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
    expect(library.creations[0]?.files).toMatchObject([{ name: 'A title' }]);
  });

  it('waits for “Upload” with what somebody has typed about it in this page, and keeps what it had', async () => {
    const queue = createAlicesQueue();
    const photo = createPhoto('a.jpg');
    const shared = { description: 'old', tags: ['sea'] };
    queue.add([photo]);
    await pass(1);
    queue.entitle(getItem(queue, 0), 'My title');
    queue.describe(getItem(queue, 0), { description: 'new' });
    queue.restore([restore(photo, { name: 'missing', content }, { shared })]);
    await pass(3);
    expect(listStates(queue)).toEqual(['hashed']);
    expect(queue.items).toMatchObject([
      { ownTitle: 'My title', metadata: { description: 'new', tags: ['sea'] }, isStarted: false },
    ]);
  });

  it('waits for “Upload” in the same way where only its content shows that it was chosen again', async () => {
    const queue = createAlicesQueue();
    const photo = createPhoto('a.jpg');
    const other = new File(['a.jpg'], 'other.jpg', { type: 'image/jpeg', lastModified: 7 });
    queue.restore([restore(photo, { name: 'missing', content }, { shared: { description: 'old' } })]);
    const [added] = queue.add([other]);
    if (added !== undefined) queue.entitle(added, 'My title');
    await pass(3);
    expect(queue.items).toMatchObject([
      { ownTitle: 'My title', metadata: { description: 'old' }, isStarted: false },
    ]);
  });

  it('counts at the end of the upload where it turns out not to be taken', async () => {
    const queue = createAlicesQueue(new FakeLibrary(), {
      inspect: async ({ name }) =>
        name.endsWith('.txt') ? { reason: createReason('not-a-picture', 'JPEG') } : { type: 'image/jpeg' },
    });
    const files = [createPhoto('a.jpg'), createPhoto('a.txt')];
    queue.restore(files.map((file) => restore(file, MISSING)));
    queue.add(files);
    await pass(5);
    queue.start({});
    await pass(5);
    expect(sumProgress(queue.items).upload).toMatchObject({ ready: 1, rejected: 1 });
  });
});

it.each(['an upload', 'a choice'])(
  'has a file once whose cancellation of %s is taken back after it was chosen again',
  async (of) => {
    const library = new FakeLibrary();
    library.beforeCreation = () => {
      throw new NetworkError('down');
    };
    const queue = createAlicesQueue(library);
    const photo = createPhoto('a.jpg');
    queue.add([photo]);
    if (of === 'an upload') queue.start({});
    await pass(1);
    queue.cancelAll();
    const [again] = queue.add([photo]);
    await pass(1);
    if (of === 'a choice' && again !== undefined) queue.entitle(again, 'My title');
    queue.undoCancellation();
    await pass(1);
    expect(queue.items).toMatchObject([{ ownTitle: of === 'a choice' ? 'My title' : null }]);
    expect(listStates(queue)).toEqual(['hashed']);
    expect(queue.add([photo])).toEqual([]);
  },
);

describe('a file that was cancelled, and chosen again, and is wanted again', () => {
  it.each([
    ['cancellations are taken back', (queue: UploadQueue) => queue.undoCancellation()],
    ['files are uploaded after all', (queue: UploadQueue) => queue.retryCancelled()],
  ])('is in the list once where several %s', async (_, wantAgain) => {
    const queue = createAlicesQueue();
    const photo = createPhoto('a.jpg');
    for (let times = 0; times < 3; times++) {
      queue.add([photo]);
      await pass(1);
      queue.cancelAll();
    }
    expect(queue.items).toHaveLength(3);
    wantAgain(queue);
    await pass(1);
    expect(listStates(queue)).toEqual(['hashed']);
  });

  it.each(['before', 'after'])(
    'is in the list once %s the library is told that it was cancelled',
    async (moment) => {
      const library = new FakeLibrary();
      library.putMs = 5000;
      const queue = createAlicesQueue(library);
      const photo = createPhoto('a.jpg');
      queue.add([photo]);
      queue.start({});
      await pass(1);
      queue.cancelAll();
      if (moment === 'after') await Promise.resolve();
      queue.add([photo]);
      queue.undoCancellation();
      expect(listStates(queue)).toEqual([moment === 'after' ? 'cancelling' : 'queued']);
      await pass(20);
      expect(listStates(queue)).toEqual(['ready']);
    },
  );

  it('is compared with the others of the list once, however many are uploaded after all', async () => {
    const queue = createAlicesQueue();
    const create = (name: string): File[] =>
      Array.from({ length: 30 }, (_, index) => createPhoto(`${name}${index}.jpg`, `${name}${index}`));
    queue.add(create('a'));
    queue.cancelAll();
    queue.add(create('b'));
    await pass(5);
    const match = vi.spyOn(ReturnedFiles.prototype, 'match');
    queue.retryCancelled();
    expect(match).toHaveBeenCalledTimes(30);
    match.mockRestore();
  });
});

it('goes on with a file that was chosen again where it has failed in an earlier page, and is tried again', async () => {
  const queue = createAlicesQueue();
  const photo = createPhoto('a.jpg');
  const failed: UploadState = { name: 'failed', reason: createReason('file-unreadable'), content };
  queue.restore([restore(photo, failed, { shared: { description: 'A batch' } })]);
  queue.add([photo]);
  await pass(1);
  expect(listStates(queue)).toEqual(['failed', 'hashed']);
  queue.retry(getItem(queue, 0));
  await pass(5);
  expect(listStates(queue)).toEqual(['ready']);
});

it('has a file once of which a page that crashed had just made one entry, with what was typed about both', async () => {
  const queue = createAlicesQueue();
  const photo = createPhoto('a.jpg');
  queue.restore([
    restore(photo, MISSING, { ownTitle: 'My title' }),
    restore(photo, MISSING, { metadata: { tags: ['sea'] } }),
    restore(createPhoto('b.jpg'), MISSING),
  ]);
  const typed = { ownTitle: 'My title', metadata: { tags: ['sea'] } };
  expect(queue.items).toMatchObject([typed, { name: 'b.jpg' }]);
  queue.add([photo]);
  await pass(1);
  expect(listStates(queue)).toEqual(['hashed', 'missing']);
});

describe('a file that is in the list with another entry of its path, or of its content', () => {
  const trip = (photo: File): File => rememberPath(photo, 'trip/a.jpg');
  const WAITING: UploadState = { name: 'hashed', content, retries: NO_RETRIES };

  it('is one with the entry of the list at its own path', async () => {
    const queue = createAlicesQueue();
    const photo = trip(createFile('a.jpg'));
    queue.add([photo]);
    await pass(1);
    queue.entitle(getItem(queue, 0), 'My title');
    queue.restore(['x/trip/a.jpg', 'trip/a.jpg'].map((path) => restore(photo, WAITING, { path })));
    expect(queue.items.map(({ path, ownTitle }) => [path, ownTitle])).toEqual([
      ['x/trip/a.jpg', null],
      ['trip/a.jpg', 'My title'],
    ]);
  });

  it('is found by the next choice though the other entry of its path has left the list', async () => {
    const queue = createAlicesQueue();
    const photo = trip(createFile('a.jpg'));
    queue.add([photo]);
    await pass(1);
    queue.start({ description: 'new' });
    queue.halt();
    const queued = { content, id: 'ID9', issued: null, notBefore: 0, reason: null, retries: NO_RETRIES };
    const shared = { description: 'old' };
    queue.restore([restore(photo, { name: 'queued', ...queued }, { path: 'trip/a.jpg', shared })]);
    expect(queue.items).toHaveLength(2);
    queue.cancel(getItem(queue, 0));
    await pass(1);
    expect(listStates(queue)).toEqual(['cancelled', 'queued']);
    queue.remove(getItem(queue, 0));
    expect(queue.add([photo])).toEqual([]);
  });
});

it('keeps both of two uploads of a file under way whose batches have other descriptions', async () => {
  const library = new FakeLibrary();
  const queue = createAlicesQueue(library);
  const photo = createPhoto('a.jpg');
  queue.add([photo]);
  await pass(1);
  queue.start({ description: 'new' });
  queue.halt();
  const queued = { content, id: 'ID9', issued: null, notBefore: 0, reason: null, retries: NO_RETRIES };
  queue.restore([restore(photo, { name: 'queued', ...queued }, { shared: { description: 'old' } })]);
  expect(queue.items.map(({ shared }) => shared?.description)).toEqual(['new', 'old']);
});

it('has the file again of an upload that is processed, which the library may lose', async () => {
  const queue = createAlicesQueue();
  const photo = createPhoto('a.jpg');
  const processing: UploadState = { name: 'processing', content, id: 'GONE', retries: NO_RETRIES };
  queue.restore([restore(photo, processing, { shared: {} })]);
  queue.add([photo]);
  await pass(10);
  expect(listStates(queue)).toEqual(['ready']);
});

it('is told nothing of an upload whose list was put away when the answer came', async () => {
  const library = new FakeLibrary();
  const queue = createAlicesQueue(library);
  const photo = createPhoto('a.jpg');
  queue.add([photo]);
  queue.start({});
  let isAway = false;
  library.beforePoll = () => {
    const [row] = library.rows.values();
    if (isAway || row?.arrivedAt == null || Date.now() < row.arrivedAt + 300) return;
    isAway = true;
    queue.suspend();
    queue.release();
  };
  await pass(5);
  expect(isAway).toBe(true);
  // The next person has the same photo, which the library knows.
  queue.resume('bob');
  queue.add([photo]);
  queue.start({});
  await pass(5);
  expect(listStates(queue)).toEqual(['duplicate']);
});

it('is no more to be looked up once it is uploaded', async () => {
  const library = new FakeLibrary();
  const queue = createAlicesQueue(library, {
    hash: async (file) => {
      await sleep(500);
      return hash(await file.text());
    },
  });
  queue.add([createPhoto('a.jpg')]);
  queue.start({});
  await pass(10);
  library.putOutcome = () => 'hang';
  // It looks the same, and was edited.
  const [again] = queue.add([createPhoto('a.jpg', 'A.jpg')]);
  expect(again?.isUndecided).toBe(true);
  queue.start({});
  await pass(5);
  expect(again).toMatchObject({ state: { name: 'uploading' }, isUndecided: false });
});

describe('a missing file that is in the list beside one that was chosen', () => {
  it('has the tags of its batch beside those that were typed anew', async () => {
    const queue = createAlicesQueue();
    const photo = createPhoto('a.jpg');
    queue.add([photo]);
    await pass(1);
    queue.describe(getItem(queue, 0), { tags: ['gull'] });
    queue.restore([restore(photo, { name: 'missing', content }, { shared: { tags: ['sea'] } })]);
    await pass(3);
    expect(queue.items.map(({ metadata }) => metadata)).toEqual([{ tags: ['sea', 'gull'] }]);
  });

  it('is one with it where its cancellation is taken back, also of another name', async () => {
    const queue = createAlicesQueue();
    const other = new File(['a.jpg'], 'other.jpg', { type: 'image/jpeg', lastModified: 7 });
    queue.restore([restore(createPhoto('a.jpg'), { name: 'missing', content }, { shared: {} })]);
    queue.cancel(getItem(queue, 0));
    queue.add([other]);
    await pass(1);
    queue.undoCancellation();
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('leaves it the picture that has arrived before', async () => {
    const queue = createAlicesQueue();
    const photo = createPhoto('a.jpg');
    queue.add([photo]);
    queue.start({});
    await pass(5);
    const { uploadId } = getItem(queue, 0);
    queue.release();
    queue.resume('alice');
    queue.add([photo]);
    queue.entitle(getItem(queue, 0), 'My title');
    queue.restore([restore(photo, { name: 'missing', content }, { shared: {}, uploadId })]);
    await pass(3);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('is found by the next choice where both stay, as they are described otherwise', async () => {
    const queue = createAlicesQueue();
    const photo = createPhoto('a.jpg');
    queue.add([photo]);
    await pass(1);
    queue.start({});
    queue.halt();
    queue.restore([restore(photo, MISSING, { shared: {}, ownTitle: 'Typed' })]);
    queue.goOn();
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'missing']);
    queue.add([photo]);
    await pass(5);
    expect(listStates(queue)).not.toContain('missing');
  });
});
