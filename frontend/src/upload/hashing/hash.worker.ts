/** A web worker that hashes one file after another, in chunks, so that no file need fit into memory. */
import { createSHA256, type IHasher } from 'hash-wasm';

export type HashRequest = { id: number; file: File };
export type HashMessage =
  { id: number; hashedBytes: number } | { id: number; sha256: string } | { id: number; error: string };

const CHUNK_SIZE = 4 * 1024 * 1024;
let hasher: Promise<IHasher> | null = null;

async function hash({ id, file }: HashRequest): Promise<void> {
  try {
    const sha256 = await (hasher ??= createSHA256());
    sha256.init();
    for (let offset = 0; offset < file.size; offset += CHUNK_SIZE) {
      const chunk = await file.slice(offset, offset + CHUNK_SIZE).arrayBuffer();
      sha256.update(new Uint8Array(chunk));
      post({ id, hashedBytes: Math.min(file.size, offset + CHUNK_SIZE) });
    }
    post({ id, sha256: sha256.digest('hex') });
  } catch (error) {
    post({ id, error: error instanceof Error ? error.message : String(error) });
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
