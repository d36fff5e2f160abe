import { expect, it, vi } from 'vitest';
import { ApiError } from '../../../src/api/errors';
import { OriginalDownloads } from '../../../src/manage/originals/original-downloads.svelte';
import type { Target } from '../../../src/manage/originals/targets';

const PICTURES = ['A', 'B', 'C'].map((id) => ({ id, name: `Title ${id}` }));

class MemoryTarget implements Target {
  saved: string[] = [];

  async save(name: string, response: Response, signal: AbortSignal): Promise<void> {
    const text = await response.text();
    signal.throwIfAborted();
    this.saved.push(`${name}=${text}`);
  }
}

function createDownloads(answer: (url: string) => Response | Error = (url) => new Response(url)) {
  const asked: string[] = [];
  const ports = {
    getOriginal: async (id: string) => {
      asked.push(id);
      return { url: `https://storage.test/${id}`, name: `${id}.jpg` };
    },
    fetch: vi.fn(async (url: string) => {
      const answered = answer(url);
      if (answered instanceof Error) throw answered;
      return answered;
    }),
  };
  return { downloads: new OriginalDownloads(ports), ports, asked, target: new MemoryTarget() };
}

it('saves one after the other under the names of the files', async () => {
  const { downloads, asked, target } = createDownloads();
  const run = downloads.start(PICTURES, target);
  // A link lasts a few minutes: the next one is asked for when its turn has come.
  expect(asked).toEqual(['A']);
  expect(downloads).toMatchObject({ isRunning: true, current: 'Title A', total: 3 });
  await run;
  expect(target.saved).toEqual(['A', 'B', 'C'].map((id) => `${id}.jpg=https://storage.test/${id}`));
  expect(downloads).toMatchObject({ isRunning: false, saved: 3, done: 3, failed: [] });
});

it('goes on after a failure, and tries the failed ones again', async () => {
  let isBroken = true;
  const { downloads, target } = createDownloads((url) => {
    if (url.endsWith('A') && isBroken) return new TypeError('Failed to fetch');
    return url.endsWith('B') && isBroken ? new Response('', { status: 403 }) : new Response('x');
  });
  await downloads.start(PICTURES, target);
  expect(downloads.saved).toBe(1);
  expect(downloads.failed).toEqual(
    [
      ['A', 'The server cannot be reached. Check your connection.'],
      ['B', 'The library did not give the file. Try again.'],
    ].map(([id, reason]) => ({ id, name: `Title ${id}`, reason })),
  );
  isBroken = false;
  await downloads.start(downloads.failed, target);
  expect(downloads).toMatchObject({ saved: 2, failed: [] });
  expect(target.saved).toEqual(['C.jpg=x', 'A.jpg=x', 'B.jpg=x']);
});

it('asks for nothing more once nobody is signed in, or there is no space', async () => {
  const { downloads, ports, target } = createDownloads();
  ports.getOriginal = vi.fn(async () => Promise.reject(new ApiError(401, 'token-expired', '')));
  await downloads.start(PICTURES, target);
  expect(ports.getOriginal).toHaveBeenCalledOnce();
  expect(downloads.failed.map(({ id }) => id)).toEqual(['A', 'B', 'C']);

  const other = createDownloads();
  const full = { save: () => Promise.reject(new DOMException('', 'QuotaExceededError')) };
  await other.downloads.start(PICTURES, full);
  expect(other.asked).toEqual(['A']);
  expect(other.downloads.failed[2]?.reason).toBe('There is no space left for it.');
});

it('ends when somebody cancels, and keeps what is there', async () => {
  const { downloads, target, asked } = createDownloads((url) => {
    if (url.endsWith('B')) downloads.cancel();
    return new Response('x');
  });
  await downloads.start(PICTURES, target);
  expect(target.saved).toEqual(['A.jpg=x']);
  expect(asked).toEqual(['A', 'B']);
  expect(downloads).toMatchObject({ isRunning: false, isCancelled: true, saved: 1, failed: [] });
});
