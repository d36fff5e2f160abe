/**
 * A web worker that hashes one file after another, in chunks, so that no file need fit into memory. The first chunk tells what
 * the file says about its picture, too: no file is read twice for that.
 */
import { createSHA256, type IHasher } from 'hash-wasm';
import type { Embedded } from '../embedded/embedded';

export type HashRequest = { id: number; file: File };
/** The last message about a file is `embedded`, or an error. */
export type HashMessage =
  | { id: number; hashedBytes: number }
  | { id: number; sha256: string }
  | { id: number; embedded: Embedded | null }
  | { id: number; error: string };

const CHUNK_SIZE = 4 * 1024 * 1024;
let hasher: Promise<IHasher> | null = null;

async function hash({ id, file }: HashRequest): Promise<void> {
  try {
    const sha256 = await (hasher ??= createSHA256());
    sha256.init();
    let head = new ArrayBuffer(0);
    for (let offset = 0; offset < file.size; offset += CHUNK_SIZE) {
      const chunk = await file.slice(offset, offset + CHUNK_SIZE).arrayBuffer();
      sha256.update(new Uint8Array(chunk));
      if (offset === 0) head = chunk;
      post({ id, hashedBytes: Math.min(file.size, offset + CHUNK_SIZE) });
    }
    post({ id, sha256: sha256.digest('hex') });
    post({ id, embedded: await readHead(head) });
  } catch (error) {
    post({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** Null also where the reader cannot be loaded: the hash is known by then, which is all that an upload needs. */
async function readHead(head: ArrayBuffer): Promise<Embedded | null> {
  try {
    const { readEmbedded } = await import('../embedded/read-embedded');
    return await readEmbedded(head);
  } catch {
    return null;
  }
}

function post(message: HashMessage): void {
  self.postMessage(message);
}

// All files share one hasher, which holds the state of one hash, so each request waits for the one before.
let last: Promise<void> = Promise.resolve();
self.onmessage = (event: MessageEvent<HashRequest>) => {
  last = last.then(() => hash(event.data));
};
