import { describe } from '../api/errors';
import type { UploadAnswer, UploadFile } from '../api/types';
import { isFinal, type UploadItem } from './item';
import { Timer, type Line } from './line';

/** How long a free connection waits for more files to be hashed, so that they share one request (ms). */
const COALESCE = 400;

/** Second stage: one POST for all that is hashed, as hashing proceeds; one request at a time. */
export class Posting {
  #busy = false;
  #attempt = 0;
  #hurry = false;
  readonly #timer: Timer;
  readonly #wait: Timer;

  constructor(private readonly line: Line) {
    this.#timer = new Timer(line);
    this.#wait = new Timer(line);
  }

  /** Forget a running delay: somebody asked to go on now. */
  hasten(): void {
    this.#wait.clear();
  }

  pump(): void {
    const { line } = this;
    if (this.#busy || this.#wait.pending || line.pause !== null) return;
    const posts = line.items.filter((item) => item.state === 'hashed' && item.shared !== null);
    if (posts.length === 0) return;
    if (posts.length < line.settings.batch && this.#moreIsComing() && !this.#hurry) {
      if (this.#starving() && !this.#timer.pending) {
        this.#timer.set(COALESCE, () => {
          this.#hurry = true;
          this.pump();
        });
      }
      return;
    }
    this.#hurry = false;
    this.#timer.clear();
    const batch = this.#batch(posts);
    if (batch.length === 0) return;
    this.#busy = true;
    void this.#post(batch).finally(() => {
      this.#busy = false;
      line.kick();
    });
  }

  #moreIsComing(): boolean {
    return this.line.items.some(
      (item) => item.shared !== null && (item.state === 'waiting' || item.state === 'hashing'),
    );
  }

  #starving(): boolean {
    const fed = this.line.items.filter((item) => item.state === 'queued' || item.state === 'uploading');
    return fed.length < this.line.settings.connections;
  }

  /** The first files that share their metadata; twins in the list are set aside, they are uploaded once. */
  #batch(posts: UploadItem[]): UploadItem[] {
    const twins = new Map<string, UploadItem>();
    for (const item of this.line.items) {
      const counts = item.id !== null || item.state === 'hashed';
      const over = isFinal(item.state) && item.state !== 'ready';
      if (item.sha256 !== null && item.shared !== null && counts && !over && !twins.has(item.sha256)) {
        twins.set(item.sha256, item);
      }
    }
    const shared = posts[0]?.shared;
    const batch: UploadItem[] = [];
    for (const item of posts) {
      const twin = twins.get(item.sha256 ?? '');
      if (twin !== undefined && twin !== item) {
        item.image = twin.image;
        const detail = `The same photo as “${twin.name}” in this list.`;
        this.line.set(item, 'duplicate', { code: 'twin', detail });
      } else if (item.shared === shared && batch.length < this.line.settings.batch) {
        batch.push(item);
      }
    }
    return batch;
  }

  async #post(batch: UploadItem[]): Promise<void> {
    const { line } = this;
    try {
      const answers = await line.ports.api.createUploads(batch.map(fileOf), batch[0]?.shared ?? {});
      this.#attempt = 0;
      line.recovered();
      batch.forEach((item, index) => this.#take(item, answers[index]));
    } catch (error) {
      const delay = line.setback(error, ++this.#attempt);
      if (delay !== null) {
        this.#wait.set(delay, line.kick);
      } else if (line.pause === null) {
        for (const item of batch) {
          if (item.state !== 'hashed') continue;
          line.set(item, 'failed', { code: 'refused', detail: describe(error) });
        }
      }
    }
  }

  #take(item: UploadItem, answer: UploadAnswer | undefined): void {
    const { line } = this;
    if (item.state !== 'hashed') {
      // Cancelled while the request was under way: its row must not be left to die of age.
      if (answer?.state === 'pending' && answer.id)
        void line.ports.api.cancelUpload(answer.id).catch(() => {});
      return;
    }
    item.id = answer?.id ?? null;
    item.image = answer?.image ?? null;
    if (answer?.state === 'pending' && answer.ticket) {
      item.ticket = answer.ticket;
      item.ticketed = line.now();
      item.notBefore = 0;
      line.set(item, 'queued');
    } else if (answer?.state === 'duplicate') {
      line.set(item, 'duplicate', { code: 'duplicate', detail: 'This photo is already in the library.' });
    } else {
      const error = answer?.error ?? { code: 'unknown', detail: 'The library did not take this file.' };
      line.set(item, 'rejected', { ...error });
    }
  }
}

/** What the API is told about one file; what all share travels once, beside the files. */
export function fileOf(item: UploadItem): UploadFile {
  const { metadata } = item;
  return {
    name: item.name,
    type: item.type,
    size: item.size,
    sha256: item.sha256 ?? '',
    ...(metadata.description ? { description: metadata.description } : {}),
    ...(metadata.tags?.length ? { tags: metadata.tags } : {}),
    ...(metadata.license ? { license: metadata.license } : {}),
    ...(metadata.credit ? { credit: metadata.credit } : {}),
  };
}
