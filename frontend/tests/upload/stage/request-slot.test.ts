import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/api/errors';
import { createPhotos } from '../../fixtures';
import { FakeLibrary, countStates, pass, startQueue, useFakeTime } from '../fake-library';

useFakeTime();

describe('RequestSlot', () => {
  it('waits as long as Retry-After says, and the queue says so meanwhile', async () => {
    const library = new FakeLibrary();
    let isAsleep = true;
    library.beforeCreation = () => {
      if (isAsleep) throw new ApiError(503, 'database-waking', 'Waking up.', 7);
    };
    const queue = startQueue(library, createPhotos(2));
    await pass(2);
    expect(queue.outage).toMatchObject({ detail: expect.stringContaining('waking up') as string });
    expect(library.creations).toHaveLength(1);
    isAsleep = false;
    await pass(4);
    expect(library.creations).toHaveLength(1);
    await pass(6);
    expect(countStates(queue)).toEqual({ ready: 2 });
    expect(queue.outage).toBeNull();
  });

  it('says what is missing, which need not be the database', async () => {
    const library = new FakeLibrary();
    library.beforeCreation = () => {
      throw new ApiError(503, 'keys-unavailable', 'Sign-ins cannot be checked just now.', 5);
    };
    const queue = startQueue(library, createPhotos(1));
    await pass(1);
    expect(queue.outage?.detail).toBe('Sign-ins cannot be checked just now.');
  });
});
