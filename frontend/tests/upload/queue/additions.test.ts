import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../../src/api/errors';
import { announcer } from '../../../src/app/announcer.svelte';
import { Additions } from '../../../src/upload/queue/additions.svelte';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { OpenChoice } from '../../../src/upload/file/open-choice';
import { rememberPath } from '../../../src/upload/selection/file-handles';
import { NO_RETRIES } from '../../../src/upload/file/state';
import { createPhoto, createPhotos, sleep } from '../../fixtures';
import { watch } from '../../reactive.svelte';
import { createReason } from '../../../src/app/reasons';
import type { Ports } from '../../../src/upload/stage/ports';
import { createQueue, FakeLibrary, getItem, listStates, pass, useFakeTime } from '../fake-library';

useFakeTime();
beforeEach(() => {
  // Each part waits until the browser has painted the one before.
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => setTimeout(callback, 16));
});

function createAdditions(ports: Partial<Ports> = {}, library = new FakeLibrary()) {
  const queue = createQueue(library, ports);
  const page = { owner: 'alice' as string | null, handover: Promise.resolve() };
  const onadded = vi.fn();
  const onchosen = vi.fn();
  const additions = new Additions({
    queue,
    getOwner: () => page.owner,
    leaveToOtherTabs: async (files) => files,
    waitForOwnList: () => page.handover,
    onchosen,
    onadded,
  });
  queue.resume('alice');
  return { queue, page, additions, onchosen, onadded };
}

it('adds many files in parts, and says when all of them are in the list', async () => {
  const { queue, additions, onadded } = createAdditions();
  void additions.add(createPhotos(250));
  const done = vi.fn();
  void additions.done.then(done);
  await pass(0.05);
  expect(queue.items.length).toBeGreaterThan(0);
  expect(queue.items.length).toBeLessThan(250);
  expect(additions.coming).toBe(250 - queue.items.length);
  expect(done).not.toHaveBeenCalled();
  await pass(5);
  expect(queue.items).toHaveLength(250);
  expect(additions.coming).toBe(0);
  expect(done).toHaveBeenCalled();
  expect(onadded).toHaveBeenCalledOnce();
});

it('finds missing files of other paths again, also where their parts come one after another', async () => {
  const { queue, additions } = createAdditions();
  const name = (index: number): string => `${index % 200}.jpg`;
  queue.restore(
    Array.from({ length: 200 }, (_, position) =>
      UploadItem.restore(
        { name: name(position), size: 1, lastModified: 1, path: '', metadata: {}, shared: null, position },
        null,
        { name: 'missing', content: null },
      ),
    ),
  );
  // The last fifty look as the first fifty, from another folder.
  const files = Array.from({ length: 250 }, (_, index) =>
    rememberPath(createPhoto(name(index), String(index % 7)), `${index < 200 ? 'a' : 'b'}/${name(index)}`),
  );
  await Promise.all([additions.add(files), pass(1)]);
  expect(queue.items).toHaveLength(300);
  expect(queue.items.filter(({ state }) => state.name === 'missing')).toHaveLength(50);
});

it('adds nothing to a list before it is that of whoever has chosen', async () => {
  const { queue, page, additions } = createAdditions();
  let release = () => {};
  page.owner = 'bob';
  page.handover = new Promise((resolve) => (release = resolve));
  void additions.add(createPhotos(2));
  await pass(1);
  expect(queue.items).toEqual([]);
  expect(additions.coming).toBe(2);
  release();
  await pass(1);
  expect(queue.items).toHaveLength(2);
});

it('adds nothing that was read only after whoever had chosen it has signed out, and says so', async () => {
  const { queue, page, additions } = createAdditions();
  page.owner = 'bob';
  await additions.add(createPhotos(2), 'alice');
  await pass(1);
  expect(queue.items).toEqual([]);
  expect(additions.refused).toBe(2);
  expect(announcer.message).toContain('2 photos had not been read');
  await additions.add(createPhotos(1));
  expect(additions.refused).toBe(0);
  expect(queue.items).toHaveLength(1);
});

it('adds nothing that waited for the list of the person before when whoever chose it signed out, and says so', async () => {
  const { queue, page, additions, onchosen } = createAdditions();
  let release = () => {};
  page.owner = 'bob';
  page.handover = new Promise((resolve) => (release = resolve));
  void additions.add(createPhotos(2));
  void additions.add(createPhotos(1));
  page.owner = null;
  queue.suspend();
  queue.release();
  release();
  await pass(1);
  expect([queue.items, additions.coming, additions.refused]).toEqual([[], 0, 3]);
  expect(announcer.message).toContain('3 photos had not been read');
  const [choice] = onchosen.mock.calls[0] as [OpenChoice];
  expect(choice.isComplete).toBe(true);
  // Nor are they among those of whoever signs in next.
  page.owner = 'carol';
  queue.resume('carol');
  await pass(1);
  expect(queue.items).toEqual([]);
});

it('gives up what is still to be added when everything is forgotten', async () => {
  const { queue, additions } = createAdditions();
  void additions.add(createPhotos(250));
  await pass(0.05);
  expect(queue.items.length).toBeGreaterThan(0);
  queue.forget();
  additions.forget();
  await pass(5);
  expect(queue.items).toEqual([]);
  expect(additions.coming).toBe(0);
});

it('says at once how many files were chosen, and what becomes of them', async () => {
  const { queue, additions, onchosen } = createAdditions();
  let choice = new OpenChoice([], null, 0);
  onchosen.mockImplementation((chosen: OpenChoice) => (choice = chosen));
  void additions.add(createPhotos(250));
  expect([choice.total, choice.recorded, choice.owner]).toEqual([250, 0, 'alice']);
  await pass(5);
  expect(choice.write(queue.items)).toHaveLength(250);
  expect(choice.isComplete).toBe(true);
  // Those of before are known.
  void additions.add(createPhotos(250));
  await pass(5);
  expect(choice.isComplete).toBe(true);
  // What was given up is not missed.
  void additions.add(createPhotos(600));
  await pass(0.05);
  additions.forget();
  await pass(5);
  choice.write(queue.items);
  expect(choice.isComplete).toBe(true);
});

describe('what is announced of a choice', () => {
  const PICKY: Partial<Ports> = {
    inspect: async ({ name }) =>
      name.endsWith('.txt') ? { reason: createReason('not-a-picture', 'JPEG') } : { type: 'image/jpeg' },
  };

  /** Hashing takes 100 ms. */
  const SLOW: Partial<Ports> = {
    hash: (file) => new Promise((resolve) => setTimeout(resolve, 100, file.name.padEnd(64, '0'))),
  };

  /** Everything that is said from now on. */
  function listen(): () => string[] {
    const read = watch(() => announcer.message);
    return () => read().slice(1);
  }

  /** A list of two files that are in the library. */
  async function upload(additions: Additions, queue: ReturnType<typeof createQueue>): Promise<void> {
    await Promise.all([additions.add([createPhoto('a.jpg', 'a'), createPhoto('b.jpg', 'b')]), pass(5)]);
    queue.start({});
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'ready']);
  }

  it.each([
    ['250 photos found again.', { name: 'missing', content: null } as const, false],
    [
      '250 files chosen: 250 are in the list already.',
      { name: 'waiting', retries: NO_RETRIES } as const,
      true,
    ],
  ])('is “%s” where the list comes back while its files are hashed', async (text, state, hasFile) => {
    const { queue, additions } = createAdditions({
      hash: async (file, _, signal) => {
        await sleep(500, signal);
        return file.name.padEnd(64, '0');
      },
    });
    const said = listen();
    const files = createPhotos(250);
    void additions.add(files);
    await pass(0.05);
    expect(additions.coming).toBeGreaterThan(0);
    queue.restore(
      files.map((file, position) => {
        const { name, size, lastModified } = file;
        const facts = { name, size, lastModified, path: '', metadata: {}, shared: null, position };
        return UploadItem.restore(facts, hasFile ? file : null, state);
      }),
    );
    await pass(60);
    expect(said().at(-1)).toBe(text);
  });

  it('is said of a choice during which another one replaces what an earlier page has not taken', async () => {
    const { queue, additions } = createAdditions({ ...PICKY, ...SLOW });
    const said = listen();
    const text = createPhoto('x.txt');
    const facts = { name: 'x.txt', size: text.size, lastModified: text.lastModified, path: '' };
    const reason = createReason('not-a-picture', 'JPEG');
    queue.restore([
      UploadItem.restore({ ...facts, metadata: {}, shared: null, position: 1 }, null, {
        name: 'rejected',
        reason,
      }),
    ]);
    void additions.add(createPhotos(4));
    await pass(0.05);
    void additions.add([text]);
    await pass(5);
    expect(said()).toEqual(['4 photos added to the list. 1 file was not taken.']);
  });

  it('counts no missing file that is found meanwhile, but not by this choice', async () => {
    const { queue, additions } = createAdditions();
    const said = listen();
    const facts = { name: 'other.jpg', size: 1, lastModified: 1, path: '', metadata: {}, shared: null };
    const missing = UploadItem.restore({ ...facts, position: 1 }, null, { name: 'missing', content: null });
    queue.restore([missing]);
    const added = additions.add(createPhotos(250));
    await pass(0.05);
    expect(additions.coming).toBeGreaterThan(0);
    // Somebody lets the page read it again.
    queue.supply(missing, createPhoto('other.jpg'));
    await Promise.all([added, pass(5)]);
    expect(said()).toEqual(['250 photos added to the list.']);
  });

  it('counts none of the files that were not taken, and says so', async () => {
    const { additions } = createAdditions(PICKY);
    const said = listen();
    const files = ['1.jpg', '2.jpg', '3.jpg', '1.txt', '2.txt'].map((name) => createPhoto(name));
    await Promise.all([additions.add(files), pass(5)]);
    expect(said()).toEqual(['3 photos added to the list. 2 files were not taken.']);
    await Promise.all([additions.add([createPhoto('3.txt')]), pass(5)]);
    expect(said().slice(1)).toEqual(['1 file was not taken.']);
  });

  it('is how many are being looked at where that takes long, and the outcome once it is known', async () => {
    const { additions } = createAdditions({ ...PICKY, ...SLOW });
    const said = listen();
    void additions.add([createPhoto('1.txt'), ...createPhotos(99)]);
    await pass(2.9);
    expect(said()).toEqual([]);
    await pass(10);
    expect(said()).toEqual([
      expect.stringMatching(/^Looking at \d\d files …$/),
      '99 photos added to the list. 1 file was not taken.',
    ]);
  });

  it('never calls new what turns out to be in the library', async () => {
    const { queue, additions } = createAdditions();
    await upload(additions, queue);
    const said = listen();
    // Other names: nothing but the hash tells which files these are.
    const files = [createPhoto('c.jpg', 'a'), createPhoto('d.jpg', 'b'), createPhoto('e.jpg')];
    await Promise.all([additions.add(files), pass(5)]);
    expect(said()).toEqual(['3 files chosen: 2 have been uploaded before, 1 is new.']);
  });

  it('never calls new what turns out to be under way', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'hang';
    const { queue, additions } = createAdditions({}, library);
    await Promise.all([additions.add([createPhoto('a.jpg', 'a')]), pass(5)]);
    queue.start({});
    await pass(1);
    const said = listen();
    await Promise.all([additions.add([createPhoto('b.jpg', 'a'), createPhoto('c.jpg')]), pass(5)]);
    expect(said()).toEqual(['2 files chosen: 1 is the same as another in the list, 1 is new.']);
  });

  it.each([
    [['lost-1.jpg'], '1 photo found again.'],
    [['lost-1.jpg', 'other.jpg'], '2 files chosen: 1 was found again, 1 is new.'],
  ])('names what was missing under another name: of %s, “%s”', async (found, text) => {
    const { queue, additions } = createAdditions();
    const content = { type: 'image/jpeg', sha256: Buffer.from('lost').toString('hex').padEnd(64, '0') };
    const facts = { name: 'lost.jpg', size: 4, lastModified: 0, path: '', metadata: {}, shared: null };
    queue.restore([UploadItem.restore({ ...facts, position: 1 }, null, { name: 'missing', content })]);
    const said = listen();
    await Promise.all([additions.add(found.map((name) => createPhoto(name, name.slice(0, 4)))), pass(5)]);
    expect(said()).toEqual([text]);
  });

  it('is said of each of two choices that follow each other', async () => {
    const { additions } = createAdditions({ ...PICKY, ...SLOW });
    const said = listen();
    void additions.add([...createPhotos(8), createPhoto('1.txt')]);
    await pass(0.1);
    void additions.add([createPhoto('2.txt')]);
    await pass(5);
    expect(said()).toEqual(['8 photos added to the list. 1 file was not taken. 1 file was not taken.']);
  });

  it('is nothing after “Upload”, whose end is announced', async () => {
    const { queue, additions } = createAdditions(SLOW);
    const said = listen();
    void additions.add(createPhotos(8));
    await pass(0.15);
    queue.start({});
    await pass(10);
    expect(said()).toEqual([]);
  });

  it('is nothing where the list is put away meanwhile', async () => {
    const { queue, additions } = createAdditions(SLOW);
    const said = listen();
    void additions.add(createPhotos(8));
    await pass(0.15);
    queue.release();
    await pass(10);
    expect(said()).toEqual([]);
  });

  it('is what may be in the library as long as it does not answer, and what is there once it does', async () => {
    const library = new FakeLibrary();
    const { queue, additions } = createAdditions({}, library);
    await upload(additions, queue);
    library.beforePoll = () => {
      throw new ApiError(503, 'database-unavailable', 'Away.');
    };
    const said = listen();
    await Promise.all([additions.add([createPhoto('c.jpg', 'a'), createPhoto('d.jpg')]), pass(5)]);
    expect(said()).toEqual(['2 files chosen: 1 may have been uploaded before …, 1 is new.']);
    expect(getItem(queue, 2).state.name).toBe('hashed');
    library.beforePoll = () => undefined;
    await pass(60);
    expect(said().slice(1)).toEqual(['2 files chosen: 1 has been uploaded before, 1 is new.']);
    expect(listStates(queue)).toEqual(['ready', 'ready', 'duplicate', 'hashed']);
  });
});
