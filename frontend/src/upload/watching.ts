import type { Upload } from '../api/types';
import type { UploadItem } from './item';
import { Timer, type Line } from './line';

const SOONEST = 500;
const LATEST = 3000;

/** Last stage: one request asks after everything that has landed, at first often, then ever less. */
export class Watching {
  #busy = false;
  #attempt = 0;
  #delay = SOONEST;
  readonly #timer: Timer;

  constructor(private readonly line: Line) {
    this.#timer = new Timer(line);
  }

  /** Something has just landed: it may be ready in half a second. */
  hasten(): void {
    this.#delay = SOONEST;
    if (!this.#busy && this.line.pause === null) this.#schedule();
  }

  pump(): void {
    if (this.#busy || this.#timer.pending || this.line.pause !== null) return;
    if (this.#watched().length > 0) this.#schedule();
  }

  #schedule(): void {
    this.#timer.set(this.#delay, () => {
      const items = this.#watched().slice(0, this.line.settings.polled);
      if (items.length === 0 || this.line.pause !== null) return;
      this.#busy = true;
      void this.#ask(items).finally(() => {
        this.#busy = false;
        this.line.kick();
      });
    });
  }

  #watched(): UploadItem[] {
    return this.line.items.filter((item) => item.state === 'processing' && item.id !== null);
  }

  async #ask(items: UploadItem[]): Promise<void> {
    const { line } = this;
    try {
      const answers = await line.ports.api.uploadStates(items.map((item) => item.id ?? ''));
      this.#attempt = 0;
      line.recovered();
      const byId = new Map(answers.map((answer) => [answer.id, answer]));
      let moved = false;
      for (const item of items) {
        if (item.state === 'processing' && this.#take(item, byId.get(item.id ?? ''))) moved = true;
      }
      this.#delay = moved ? SOONEST : Math.min(LATEST, this.#delay * 1.5);
    } catch (error) {
      this.#delay = line.setback(error, ++this.#attempt) ?? LATEST;
    }
  }

  /** Returns whether it is over for this item. */
  #take(item: UploadItem, answer: Upload | undefined): boolean {
    const { line } = this;
    if (answer === undefined) {
      line.repost(item);
    } else if (answer.state === 'ready') {
      item.image = answer.image ?? null;
      line.set(item, 'ready');
    } else if (answer.state === 'failed') {
      const error = answer.error ?? { code: 'unknown', detail: 'The photo could not be processed.' };
      line.set(item, 'failed', { ...error });
    } else if (answer.state === 'expired') {
      line.set(item, 'failed', {
        code: 'expired',
        detail: 'The photo was not processed in time.',
        hint: 'Try again: the file is sent once more.',
      });
    } else {
      return false;
    }
    return true;
  }
}
