import { describe, expect, it } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import { createReason } from '../../../src/app/reasons';
import type { Ports } from '../../../src/upload/stage/ports';
import { createEmbedded, createPhoto, createPhotos } from '../../fixtures';
import { FakeLibrary, countStates, createQueue, getStates } from '../fake-library';
import { listStates, pass, startQueue, useFakeTime } from '../fake-library';

useFakeTime();

describe('FileHasher', () => {
  it('rejects what misses the specification and goes on with the rest', async () => {
    const library = new FakeLibrary();
    const reason = createReason('file-empty');
    const inspect: Ports['inspect'] = async (file) =>
      file.name.endsWith('.txt') ? { reason } : { type: 'image/png' };
    const files = [createPhoto('a.jpg'), createPhoto('notes.txt'), createPhoto('b.jpg')];
    const queue = startQueue(library, files, { inspect });
    await pass(5);
    expect(listStates(queue)).toEqual(['ready', 'rejected', 'ready']);
    expect(getStates(queue)[1]).toEqual({ name: 'rejected', reason });
    expect(library.creations[0]?.files.map((file) => [file.name, file.type])).toEqual([
      ['a.jpg', 'image/png'],
      ['b.jpg', 'image/png'],
    ]);
  });

  it('waits for the specification before it judges files', async () => {
    let tries = 0;
    const inspect: Ports['inspect'] = async () => {
      tries += 1;
      if (tries <= 3) throw new NetworkError('down');
      return { type: 'image/jpeg' };
    };
    const queue = startQueue(new FakeLibrary(), createPhotos(2), { inspect });
    await pass(0.1);
    expect(countStates(queue)).toEqual({ waiting: 2 });
    expect(queue.outage).not.toBeNull();
    await pass(15);
    expect(countStates(queue)).toEqual({ ready: 2 });
    expect(queue.outage).toBeNull();
  });

  it('fails a file that cannot be read', async () => {
    const hash: Ports['hash'] = async () => {
      throw new Error('NotReadableError');
    };
    const queue = createQueue(new FakeLibrary(), { hash });
    queue.add(createPhotos(1));
    await pass(1);
    expect(getStates(queue)).toMatchObject([
      { name: 'failed', reason: { code: 'file-unreadable', canRetry: false } },
    ]);
  });

  it('reports its progress', async () => {
    const hash: Ports['hash'] = (_file, { onProgress }) =>
      new Promise(() => {
        onProgress(7);
      });
    const queue = createQueue(new FakeLibrary(), { hash });
    queue.add(createPhotos(1));
    await pass(1);
    expect(getStates(queue)).toMatchObject([{ name: 'hashing', hashedBytes: 7 }]);
  });

  it('notes what a file says, which comes after its hash, and sends nothing of it but the title', async () => {
    const embedded = createEmbedded({
      title: 'Harbour',
      caption: 'A boat',
      credit: 'Ann',
      keywords: ['sea'],
    });
    const hash: Ports['hash'] = async (_file, { onEmbedded }) => {
      setTimeout(() => onEmbedded(embedded), 10);
      return '00'.repeat(32);
    };
    const library = new FakeLibrary();
    const queue = createQueue(library, { hash });
    queue.add(createPhotos(1));
    await pass(0.005);
    expect(queue.items[0]?.state.name).toBe('hashed');
    expect(queue.items[0]?.embedded).toBeNull();
    await pass(1);
    expect(queue.items[0]?.embedded).toBe(embedded);
    queue.start({});
    await pass(1);
    expect(library.creations[0]?.files).toEqual([
      { name: 'Harbour', file_name: 'photo-0.jpg', type: 'image/jpeg', size: 11, sha256: '00'.repeat(32) },
    ]);
  });

  it('has no upload begin before it is known what the file says, or that it says nothing', async () => {
    const library = new FakeLibrary();
    const hash: Ports['hash'] = async (file, { onReading, onEmbedded }) => {
      onReading();
      setTimeout(() => onEmbedded(file.name === 'a.jpg' ? createEmbedded({ title: 'Harbour' }) : null), 2000);
      return file.name.padEnd(64, '0');
    };
    startQueue(library, [createPhoto('a.jpg'), createPhoto('b.jpg')], { hash });
    await pass(1.9);
    expect(library.creations).toEqual([]);
    await pass(5);
    expect(library.creations.map(({ files }) => files.map(({ name }) => name))).toEqual([
      ['Harbour', 'b.jpg'],
    ]);
  });
});
