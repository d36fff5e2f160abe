import { describe, isAbort, isTransient } from '../api/errors';
import type { UploadItem } from './item';
import { Timer, type Line } from './line';

/** First stage: look at the file, drop it if it misses the specification, else learn its SHA-256. */
export class Hashing {
  #running = 0;
  #attempt = 0;
  readonly #wait: Timer;

  constructor(private readonly line: Line) {
    this.#wait = new Timer(line);
  }

  hasten(): void {
    this.#wait.clear();
  }

  pump(): void {
    if (this.#wait.pending) return;
    while (this.#running < this.line.settings.hashers) {
      const item = this.line.items.find((one) => one.state === 'waiting');
      if (item === undefined) return;
      this.#running += 1;
      void this.#hash(item).finally(() => {
        this.#running -= 1;
        this.line.kick();
      });
    }
  }

  async #hash(item: UploadItem): Promise<void> {
    const { line } = this;
    const abort = new AbortController();
    item.abort = abort;
    line.set(item, 'hashing');
    try {
      const found = await line.ports.inspect(item.file);
      this.#attempt = 0;
      line.recovered();
      if (abort.signal.aborted) return;
      if ('reason' in found) {
        line.set(item, 'rejected', found.reason);
        return;
      }
      item.type = found.type;
      const sha256 = await line.ports.hash(
        item.file,
        (bytes) => {
          item.done = bytes;
          line.changed(item);
        },
        abort.signal,
      );
      if (abort.signal.aborted) return;
      item.sha256 = sha256;
      item.abort = null;
      line.set(item, 'hashed');
    } catch (error) {
      if (isAbort(error) || abort.signal.aborted) return;
      // The specification comes from the API: without it, nothing is wrong with the file.
      if (isTransient(error)) {
        line.set(item, 'waiting');
        const delay = line.setback(error, ++this.#attempt);
        if (delay !== null) this.#wait.set(delay, line.kick);
        return;
      }
      line.set(item, 'failed', {
        code: 'unreadable',
        detail: `The file could not be read: ${describe(error)}`,
        hint: 'It may have been moved or changed. Choose it again.',
      });
    }
  }
}
