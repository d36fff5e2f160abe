import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/api/errors';
import type { Ports } from '../../../src/upload/stage/ports';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { begin } from '../../../src/upload/file/state';
import { createEmbedded, createImage, createPhoto, createPhotos, sleep } from '../../fixtures';
import { FakeLibrary, countStates, createQueue, getItem, getStates } from '../fake-library';
import { listStates, pass, startQueue, useFakeTime } from '../fake-library';

useFakeTime();

describe('UploadCreator', () => {
  it('sends more than a hundred files in batches of a hundred as hashing proceeds', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, createPhotos(250));
    await pass(60);
    expect(countStates(queue)).toEqual({ ready: 250 });
    expect(Math.max(...library.creations.map(({ files }) => files.length))).toBe(100);
    expect(library.creations.flatMap(({ files }) => files)).toHaveLength(250);
    expect(library.creations.length).toBeLessThanOrEqual(5);
  });

  it('creates the first uploads while other files are still hashed', async () => {
    const slow = createPhoto('slow.jpg');
    const hash: Ports['hash'] = async (file) => {
      await sleep(file === slow ? 20_000 : 5);
      return file.name.padEnd(64, '0');
    };
    const queue = startQueue(new FakeLibrary(), [slow, ...createPhotos(3)], { hash });
    await pass(5);
    expect(countStates(queue)).toEqual({ hashing: 1, ready: 3 });
    await pass(25);
    expect(countStates(queue)).toEqual({ ready: 4 });
  });

  it('sends the metadata of one file beside the shared metadata', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add(createPhotos(2));
    queue.describe(getItem(queue, 0), { description: 'Only this', tags: ['one'] });
    queue.start({ credit: 'Alice' });
    queue.describe(getItem(queue, 1), { description: 'Too late' });
    await pass(2);
    expect(library.creations[0]?.files[0]).toMatchObject({ description: 'Only this', tags: ['one'] });
    expect(library.creations[0]?.files[1]).not.toHaveProperty('description');
    expect(library.creations[0]?.shared).toEqual({ credit: 'Alice' });
  });

  it('sends the name of a file beside its title, unless the library would refuse it', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    const items = queue.add(['DSC_0012.JPG', 'b.jpg', 'c\u2028.jpg'].map((name) => createPhoto(name)));
    for (const item of [items[0], items[2]]) item?.setEmbedded(createEmbedded({ title: 'Harbour' }));
    queue.start({});
    await pass(5);
    expect(library.creations.flatMap(({ files }) => files)).toMatchObject([
      { name: 'Harbour', file_name: 'DSC_0012.JPG' },
      { name: 'b.jpg', file_name: 'b.jpg' },
      { name: 'Harbour' },
    ]);
    expect(library.creations.at(-1)?.files.at(-1)).not.toHaveProperty('file_name');
  });

  it('sends files with other shared metadata in a request of their own', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    queue.add([createPhoto('a.jpg')]);
    queue.start({ credit: 'Alice' });
    queue.add([createPhoto('b.jpg')]);
    queue.start({ credit: 'Bob' });
    await pass(5);
    expect(library.creations.map(({ files, shared }) => [files[0]?.name, files.length, shared])).toEqual([
      ['a.jpg', 1, { credit: 'Alice' }],
      ['b.jpg', 1, { credit: 'Bob' }],
    ]);
  });

  it('leaves a caption to the file that has it, unless somebody wants it replaced', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    const shared = { description: 'Trip to the #sea' };
    const chooseThree = (day: string) => {
      const items = queue.add(['a', 'b', 'c'].map((name) => createPhoto(`${day}-${name}.jpg`)));
      items[1]?.setEmbedded(createEmbedded({ caption: 'Boats at dawn' }));
      items[2]?.setEmbedded(createEmbedded({ title: 'Harbour' }));
    };
    chooseThree('monday');
    queue.start(shared);
    await pass(5);
    expect(library.creations.map(({ files, shared }) => [files.length, shared])).toEqual([
      [2, shared],
      [1, { tags: ['sea'] }],
    ]);
    library.creations = [];
    chooseThree('tuesday');
    queue.start(shared, false);
    await pass(5);
    expect(library.creations.map(({ files, shared }) => [files.length, shared])).toEqual([[3, shared]]);
  });

  it('sends files from before with one request, if they have the same in common', async () => {
    const library = new FakeLibrary();
    const queue = createQueue(library);
    const files = createPhotos(3);
    queue.restore(
      files.map((file, position) => {
        const facts = { name: file.name, size: file.size, lastModified: 1, path: '' };
        const record = { ...facts, metadata: {}, shared: { credit: 'Alice' }, position };
        return UploadItem.restore(record, file, begin());
      }),
    );
    queue.resume('alice');
    await pass(5);
    expect(library.creations.map(({ files, shared }) => [files.length, shared])).toEqual([
      [3, { credit: 'Alice' }],
    ]);
  });

  it('handles each answer for itself: duplicate, rejection and ticket', async () => {
    const library = new FakeLibrary();
    library.answerFor = ({ name }) => {
      if (name === 'photo-1.jpg') return { state: 'duplicate', id: 'OLD', image: createImage('OLD') };
      if (name === 'photo-2.jpg') {
        return { state: 'rejected', error: { code: 'invalid-name', detail: 'Rename it.' } };
      }
      return null;
    };
    const queue = startQueue(library, createPhotos(4));
    await pass(5);
    expect(getStates(queue)).toMatchObject([
      { name: 'ready' },
      { name: 'duplicate', image: { id: 'OLD' }, reason: { code: 'already-in-library' } },
      { name: 'rejected', reason: { code: 'invalid-name', detail: 'Rename it.' } },
      { name: 'ready' },
    ]);
  });

  it('uploads the same content once, under whatever names', async () => {
    const library = new FakeLibrary();
    const queue = startQueue(library, [createPhoto('a.jpg', 'same'), createPhoto('b.jpg', 'same')]);
    await pass(5);
    expect(getStates(queue)).toMatchObject([
      { name: 'ready' },
      { name: 'duplicate', reason: { code: 'same-as-another' } },
    ]);
    expect(library.puts).toHaveLength(1);
  });

  it.each(['fails', 'is cancelled'])(
    'uploads a second file of a content if the first one %s',
    async (how) => {
      const library = new FakeLibrary();
      library.putOutcome = (name) =>
        name === 'a.jpg' ? (how === 'fails' ? { status: 400, code: 'BadDigest' } : 'hang') : undefined;
      const queue = startQueue(library, [createPhoto('a.jpg', 'same'), createPhoto('b.jpg', 'same')]);
      await pass(2);
      if (how === 'is cancelled') queue.cancel(getItem(queue, 0));
      await pass(60);
      expect(listStates(queue)).toEqual([how === 'fails' ? 'failed' : 'cancelled', 'ready']);
    },
  );

  it('delays no other file by one that waits for another of its content', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (name) => (name === 'a.jpg' ? 'hang' : undefined);
    const queue = startQueue(library, [createPhoto('a.jpg', 'same'), createPhoto('b.jpg', 'same')]);
    await pass(2);
    queue.add([createPhoto('c.jpg')]);
    queue.start({ tags: ['later'] });
    await pass(5);
    expect(listStates(queue)).toEqual(['uploading', 'hashed', 'ready']);
  });

  it('shows the picture of a duplicate that is added later', async () => {
    const queue = startQueue(new FakeLibrary(), [createPhoto('a.jpg', 'same')]);
    await pass(5);
    queue.add([createPhoto('b.jpg', 'same')]);
    queue.start({});
    await pass(5);
    expect(getStates(queue)[1]).toMatchObject({ name: 'duplicate', image: { id: 'ID1' } });
  });

  it('fails a batch that the API refuses, and says so on each file', async () => {
    const library = new FakeLibrary();
    library.beforeCreation = () => {
      throw new ApiError(400, 'invalid-tag', 'The tag is too long.');
    };
    const queue = startQueue(library, createPhotos(2));
    await pass(5);
    expect(listStates(queue)).toEqual(['failed', 'failed']);
    expect(getStates(queue)[0]).toMatchObject({ reason: { detail: 'The tag is too long.' } });
    expect(library.creations).toHaveLength(1);
  });
});
