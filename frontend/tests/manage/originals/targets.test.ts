import { expect, it } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import { Folder } from '../../../src/manage/originals/targets';

/** A folder in memory, as a browser hands it out. */
class MemoryFolder {
  files = new Map<string, string>();

  async getFileHandle(name: string, { create = false } = {}) {
    if (!create && !this.files.has(name)) throw new DOMException('', 'NotFoundError');
    if (create) this.files.set(name, '');
    return {
      name,
      createWritable: async () => {
        let text = '';
        return new WritableStream<Uint8Array>({
          write: (chunk) => void (text += new TextDecoder().decode(chunk)),
          close: () => void this.files.set(name, text),
        });
      },
    };
  }

  async removeEntry(name: string): Promise<void> {
    this.files.delete(name);
  }

  asTarget(): Folder {
    return new Folder(this as unknown as FileSystemDirectoryHandle);
  }
}

const { signal } = new AbortController();

function breakOff(): Response {
  return new Response(
    new ReadableStream({
      pull(controller) {
        controller.error(new TypeError('network error'));
      },
    }),
  );
}

it('replaces no file that lies in the folder, and none that it has saved', async () => {
  const folder = new MemoryFolder();
  folder.files.set('sea.jpg', 'before');
  const target = folder.asTarget();
  await target.save('sea.jpg', new Response('first'), signal);
  await target.save('sea.jpg', new Response('second'), signal);
  expect([...folder.files]).toEqual([
    ['sea.jpg', 'before'],
    ['sea (2).jpg', 'first'],
    ['sea (3).jpg', 'second'],
  ]);
});

it('leaves nothing of a file that breaks off, and gives its name to the next attempt', async () => {
  const folder = new MemoryFolder();
  const target = folder.asTarget();
  await expect(target.save('sea.jpg', breakOff(), signal)).rejects.toBeInstanceOf(NetworkError);
  expect([...folder.files]).toEqual([]);
  await target.save('sea.jpg', new Response('whole'), signal);
  expect([...folder.files]).toEqual([['sea.jpg', 'whole']]);
});

it('leaves nothing of a file when somebody cancels', async () => {
  const folder = new MemoryFolder();
  const abort = new AbortController();
  const endless = new ReadableStream({ pull: () => new Promise<void>(() => undefined) });
  const saving = folder.asTarget().save('sea.jpg', new Response(endless), abort.signal);
  await new Promise((resolve) => setTimeout(resolve, 10));
  abort.abort();
  await expect(saving).rejects.toMatchObject({ name: 'AbortError' });
  expect([...folder.files]).toEqual([]);
});
