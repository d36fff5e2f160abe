/** What the stages of the upload line share: the items, the outside world, and how to say that work came up. */
import { ApiError, describe, isTransient } from '../api/errors';
import { backoff } from './backoff';
import { isFinal, type Reason, type UploadItem, type UploadState } from './item';
import type { Ports, Settings } from './ports';

/** Why nothing is asked of the API until somebody signs in again. */
export interface Pause {
  kind: 'signin' | 'scope';
  detail: string;
}

/** The API cannot answer just now; it is asked again at `until` (server ms). */
export interface Trouble {
  detail: string;
  waking: boolean;
  until: number;
}

export class Line {
  readonly items: UploadItem[] = [];
  pause: Pause | null = null;
  trouble: Trouble | null = null;

  constructor(
    readonly ports: Ports,
    readonly settings: Settings,
    /** Called after every change, with the item or, for pause and trouble, without. */
    readonly changed: (item?: UploadItem) => void,
    /** Lets every stage look for work. */
    readonly kick: () => void,
  ) {}

  now(): number {
    return this.ports.clock.now();
  }

  set(item: UploadItem, state: UploadState, reason: Reason | null = null): void {
    item.state = state;
    item.reason = reason;
    item.done = 0;
    if (isFinal(state)) item.abort = null;
    this.changed(item);
  }

  /** The API has no row for it any more: the file, which is still here, is posted again. */
  repost(item: UploadItem): void {
    item.id = null;
    item.ticket = null;
    item.reposts += 1;
    if (item.reposts > 3) {
      this.set(item, 'failed', {
        code: 'gone',
        detail: 'The library has dropped this upload several times.',
        hint: 'Try again in a while.',
      });
    } else {
      this.set(item, 'hashed');
    }
  }

  /**
   * A request about many items failed. Returns the milliseconds after which to repeat it, or null when
   * repeating is of no use now: either the line is paused for a sign-in, or the request itself is wrong.
   */
  setback(error: unknown, attempt: number): number | null {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
      this.pause = { kind: error.status === 401 ? 'signin' : 'scope', detail: error.detail };
      this.changed();
      return null;
    }
    if (!isTransient(error)) return null;
    const retryAfter = error instanceof ApiError ? error.retryAfter : null;
    const delay = backoff(attempt, this.ports.random(), { retryAfter });
    const waking = error instanceof ApiError && error.status === 503;
    this.trouble = { detail: describe(error), waking, until: this.now() + delay };
    this.changed();
    return delay;
  }

  recovered(): void {
    if (this.trouble === null) return;
    this.trouble = null;
    this.changed();
  }
}

/** One timer of a stage: setting it again replaces it. */
export class Timer {
  #undo: (() => void) | null = null;

  constructor(private readonly line: Line) {}

  get pending(): boolean {
    return this.#undo !== null;
  }

  set(ms: number, callback: () => void): void {
    this.clear();
    this.#undo = this.line.ports.clock.after(ms, () => {
      this.#undo = null;
      callback();
    });
  }

  clear(): void {
    this.#undo?.();
    this.#undo = null;
  }
}
