import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/api/errors';
import { createPhoto, createPhotos } from '../../fixtures';
import { FakeLibrary, countStates, getStates } from '../fake-library';
import { listStates, pass, startQueue, useFakeTime } from '../fake-library';

useFakeTime();

describe('StatusPoller', () => {
  it('asks for all files with one request, and ever less often', async () => {
    const library = new FakeLibrary();
    library.processingMs = 30_000;
    const queue = startQueue(library, createPhotos(4));
    await pass(32);
    expect(countStates(queue)).toEqual({ ready: 4 });
    expect(library.polls[0]?.length).toBe(4);
    expect(library.polls.length).toBeLessThan(16);
  });

  it('says why processing failed', async () => {
    const library = new FakeLibrary();
    library.processingMs = Infinity;
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(1);
    Object.assign(library.rows.get('ID1') ?? {}, {
      state: 'failed',
      error: { code: 'truncated', detail: 'The file ends too early.' },
    });
    await pass(4);
    expect(getStates(queue)).toMatchObject([
      { name: 'failed', reason: { code: 'truncated', detail: 'The file ends too early.', canRetry: false } },
    ]);
  });

  it('creates an upload again when its row is gone', async () => {
    const library = new FakeLibrary();
    library.processingMs = Infinity;
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(2);
    expect(listStates(queue)).toEqual(['processing']);
    library.rows.clear();
    library.processingMs = 100;
    await pass(10);
    expect(getStates(queue)).toMatchObject([{ name: 'ready', image: { id: 'ID2' } }]);
  });

  it('gives up an upload that the library loses again and again', async () => {
    const library = new FakeLibrary();
    library.beforePoll = () => library.rows.clear();
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(60);
    expect(getStates(queue)).toMatchObject([{ name: 'failed', reason: { code: 'upload-lost' } }]);
    expect(library.creations).toHaveLength(4);
  });

  it('reports an expired upload as failed, to be retried', async () => {
    const library = new FakeLibrary();
    library.processingMs = Infinity;
    const queue = startQueue(library, [createPhoto('a.jpg')]);
    await pass(2);
    Object.assign(library.rows.get('ID1') ?? {}, { state: 'expired' });
    await pass(4);
    expect(getStates(queue)).toMatchObject([
      { name: 'failed', reason: { code: 'upload-expired', canRetry: true } },
    ]);
  });

  it('goes on after failed requests', async () => {
    const library = new FakeLibrary();
    let polls = 0;
    library.beforePoll = () => {
      polls += 1;
      if (polls <= 3) throw new ApiError(500, 'internal-error', 'Oops.');
    };
    const queue = startQueue(library, createPhotos(1));
    await pass(15);
    expect(listStates(queue)).toEqual(['ready']);
  });

  it('stops while the token is refused, and goes on afterwards', async () => {
    const library = new FakeLibrary();
    let isValid = false;
    library.beforePoll = () => {
      if (!isValid) throw new ApiError(401, 'token-expired', 'The token has expired.');
    };
    const queue = startQueue(library, createPhotos(1));
    await pass(30);
    expect(listStates(queue)).toEqual(['processing']);
    expect(library.polls).toHaveLength(1);
    isValid = true;
    queue.resume('alice');
    await pass(10);
    expect(listStates(queue)).toEqual(['ready']);
  });
});
