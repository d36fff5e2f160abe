import { describe, expect, it } from 'vitest';
import { createPhoto, createPhotos } from '../../fixtures';
import { FakeLibrary, countStates, getItem, getStates } from '../fake-library';
import { listStates, pass, startQueue, useFakeTime } from '../fake-library';

useFakeTime();

const OTHER_BYTES = { status: 400, code: 'BadDigest' };

describe('FileSender', () => {
  it.each([
    409,
    500,
    503,
    'break',
    { status: 400, code: 'RequestTimeout' },
    { status: 400, code: 'IncompleteBody' },
    // What a proxy answers, or what nobody has foreseen.
    400,
    { status: 400, code: 'InvalidRequest' },
  ] as const)('tries again with growing pauses and the same ticket after %o', async (outcome) => {
    const library = new FakeLibrary();
    library.putOutcome = (_, attempt) => (attempt <= 3 ? outcome : undefined);
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(30);
    expect(listStates(queue)).toEqual(['ready']);
    const times = library.puts.map(({ time }) => time);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(pauses).toHaveLength(3);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(new Set(pauses).size).toBe(3);
    expect([library.creations.length, library.renewals.length]).toEqual([1, 0]);
  });

  it('says why a file waits for its next PUT', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 503;
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(1);
    expect(getStates(queue)).toMatchObject([
      { name: 'queued', reason: { code: 'storage-busy', hint: 'Trying again by itself.' } },
    ]);
  });

  it('gives up after eight PUTs, keeps the file, and "Retry" sends it', async () => {
    const library = new FakeLibrary();
    let isBroken = true;
    library.putOutcome = () => (isBroken ? 503 : undefined);
    const queue = startQueue(library, [createPhoto('a.jpg'), createPhoto('b.jpg')]);
    await pass(200);
    expect(countStates(queue)).toEqual({ failed: 2 });
    expect(library.puts).toHaveLength(16);
    isBroken = false;
    queue.retry(getItem(queue, 0));
    await pass(10);
    expect(listStates(queue)).toEqual(['ready', 'failed']);
  });

  it('takes 412 for success: only the answer of an earlier PUT was lost', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (_, attempt) => (attempt === 1 ? 'break-after-arrival' : undefined);
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(10);
    expect(listStates(queue)).toEqual(['ready']);
    expect(library.puts).toHaveLength(2);
    expect(library.creations).toHaveLength(1);
  });

  it.each([
    ['RequestTimeout', 'connection-lost'],
    ['InvalidRequest', 'storage-refused'],
  ])('says of a file that always ends in %s: %s', async (code, reason) => {
    const library = new FakeLibrary();
    library.putOutcome = () => ({ status: 400, code });
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(200);
    expect(getStates(queue)).toMatchObject([{ name: 'failed', reason: { code: reason } }]);
    expect(library.puts).toHaveLength(8);
  });

  it.each([403, { status: 400, code: 'ExpiredToken' }, { status: 400, code: 'InvalidToken' }])(
    'gets a new ticket after %o and uses it',
    async (outcome) => {
      const library = new FakeLibrary();
      library.putOutcome = (_, attempt) => (attempt === 1 ? outcome : undefined);
      const queue = startQueue(library, [createPhoto('a.jpg')]);
      await pass(10);
      expect(listStates(queue)).toEqual(['ready']);
      expect(library.renewals).toEqual([['ID1']]);
      expect(library.puts[1]?.ticket.expires).not.toBe(library.puts[0]?.ticket.expires);
    },
  );

  it('gives up when storage refuses one ticket after another', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 403;
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(120);
    expect(getStates(queue)).toMatchObject([{ name: 'failed', reason: { code: 'storage-refused' } }]);
    expect(library.puts).toHaveLength(4);
  });

  it('hashes and creates again a file that has changed on disk', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (_, attempt) => (attempt === 1 ? OTHER_BYTES : undefined);
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(10);
    expect(listStates(queue)).toEqual(['ready']);
    expect(library.creations).toHaveLength(2);
  });

  it('gives up a file that is another one whenever it is sent', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => OTHER_BYTES;
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(60);
    expect(getStates(queue)).toMatchObject([{ name: 'failed', reason: { code: 'file-changed' } }]);
    expect(library.puts).toHaveLength(4);
  });

  it('does not try again with a file that cannot be read any more', async () => {
    const library = new FakeLibrary();
    library.putOutcome = () => 'break';
    const queue = startQueue(library, [createPhoto('a.jpg')], { isReadable: async () => false });
    await pass(60);
    expect(getStates(queue)).toMatchObject([{ name: 'failed', reason: { code: 'file-changed' } }]);
    expect(library.puts).toHaveLength(1);
  });

  it('waits for the connection, however long it is gone', async () => {
    const library = new FakeLibrary();
    let isOnline = false;
    library.putOutcome = () => (isOnline ? undefined : 'break');
    const queue = startQueue(library, [createPhoto('a.jpg')], {
      isOnline: () => isOnline || library.puts.length < 1,
    });
    await pass(3600);
    expect(getStates(queue)).toMatchObject([{ name: 'queued', reason: { code: 'connection-lost' } }]);
    expect(library.puts).toHaveLength(1);
    isOnline = true;
    queue.skipDelays();
    await pass(5);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('lets one slow file hold up no other', async () => {
    const library = new FakeLibrary();
    library.putOutcome = (name) => (name === 'photo-0.jpg' ? 'hang' : undefined);
    const queue = startQueue(library, createPhotos(12));
    await pass(10);
    expect(countStates(queue)).toEqual({ uploading: 1, ready: 11 });
    expect(getStates(queue)[0]).toMatchObject({ name: 'uploading', sentBytes: 5 });
  });
});
