/** Hashes one file after another, in pieces, so that a file need never fit into memory. */
import { createSHA256, type IHasher } from 'hash-wasm';

export type HashRequest = { id: number; file: File };
export type HashAnswer =
  { id: number; done: number } | { id: number; sha256: string } | { id: number; error: string };

const PIECE = 4 * 1024 * 1024;
let hasher: Promise<IHasher> | null = null;

async function hash({ id, file }: HashRequest): Promise<void> {
  try {
    const sha = await (hasher ??= createSHA256());
    sha.init();
    for (let at = 0; at < file.size; at += PIECE) {
      const piece = await file.slice(at, at + PIECE).arrayBuffer();
      sha.update(new Uint8Array(piece));
      answer({ id, done: Math.min(file.size, at + PIECE) });
    }
    answer({ id, sha256: sha.digest('hex') });
  } catch (error) {
    answer({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

function answer(message: HashAnswer): void {
  self.postMessage(message);
}

// One hasher has one state, so requests wait for each other.
let last: Promise<void> = Promise.resolve();
self.onmessage = (event: MessageEvent<HashRequest>) => {
  last = last.then(() => hash(event.data));
};
