import { isAbort } from '../api/errors';
import { backoff } from './backoff';
import type { Reason, UploadItem } from './item';
import { Timer, type Line } from './line';
import { needsRenewal } from './tickets';

/** Third stage: PUT each file to storage, a few at a time, each for itself. */
export class Sending {
  #running = 0;
  readonly #timer: Timer;

  constructor(
    private readonly line: Line,
    private readonly landed: (item: UploadItem) => void,
  ) {
    this.#timer = new Timer(line);
  }

  pump(): void {
    const { line } = this;
    if (!line.ports.online()) return;
    const now = line.now();
    let soonest = Infinity;
    for (const item of line.items) {
      if (this.#running >= line.settings.connections) return;
      if (item.state !== 'queued' || needsRenewal(item, now)) continue;
      if (item.notBefore > now) {
        soonest = Math.min(soonest, item.notBefore);
        continue;
      }
      this.#running += 1;
      void this.#send(item).finally(() => {
        this.#running -= 1;
        line.kick();
      });
    }
    if (soonest < Infinity) this.#timer.set(soonest - now, line.kick);
  }

  async #send(item: UploadItem): Promise<void> {
    const { line } = this;
    const { ticket } = item;
    if (ticket === null) return;
    const abort = new AbortController();
    item.abort = abort;
    line.set(item, 'uploading');
    const progress = (bytes: number): void => {
      item.done = bytes;
      line.changed(item);
    };
    try {
      const status = await line.ports.put(ticket, item.file, progress, abort.signal);
      if (!abort.signal.aborted) this.#answered(item, status);
    } catch (error) {
      if (isAbort(error) || abort.signal.aborted) return;
      await this.#cutOff(item, abort.signal);
    }
  }

  #answered(item: UploadItem, status: number): void {
    if (status < 300 || status === 412) {
      // 412: an earlier PUT arrived and only its answer was lost. Either way it is there now.
      item.attempts = 0;
      this.line.set(item, 'processing');
      this.landed(item);
    } else if (status === 403 || status === 404 || status === 410) {
      // The ticket is no good any more, or the upload is gone: the API says which.
      item.ticket = null;
      this.#again(item, REFUSED, 4);
    } else if (status === 400) {
      this.#changedOnDisk(item);
    } else {
      this.#again(item, status === 409 || status >= 500 ? BUSY : REFUSED);
    }
  }

  /** No answer. When the file itself is the cause, sending it again cannot help. */
  async #cutOff(item: UploadItem, signal: AbortSignal): Promise<void> {
    const readable = await this.line.ports.readable(item.file);
    if (signal.aborted) return;
    if (!readable) this.line.set(item, 'failed', UNREADABLE);
    // Without any connection an attempt proves nothing, so it does not count.
    else if (!this.line.ports.online()) this.line.set(item, 'queued', { ...OFFLINE, hint: BACK });
    else this.#again(item, OFFLINE);
  }

  /** Storage got other bytes than were hashed: hash them again and post the file as what it is now. */
  #changedOnDisk(item: UploadItem): void {
    this.line.repost(item);
    if (item.state !== 'hashed') return;
    this.line.set(item, 'waiting');
  }

  #again(item: UploadItem, reason: Reason, most = this.line.settings.attempts): void {
    const { line } = this;
    item.attempts += 1;
    if (item.attempts >= most) {
      line.set(item, 'failed', reason);
      return;
    }
    item.notBefore = line.now() + backoff(item.attempts, line.ports.random());
    line.set(item, 'queued', { ...reason, hint: 'Trying again by itself.' });
  }
}

const BACK = 'It goes on by itself when the connection is back.';
const BUSY: Reason = {
  code: 'storage-busy',
  detail: 'Storage is busy and did not take the file.',
  hint: 'Try again in a while.',
};
const REFUSED: Reason = {
  code: 'storage-refused',
  detail: 'Storage refused the file.',
  hint: 'Try again; if it goes on, tell whoever runs this library.',
};
const OFFLINE: Reason = {
  code: 'offline',
  detail: 'The connection broke while the file was on its way.',
  hint: 'Check your connection, then try again.',
};
const UNREADABLE: Reason = {
  code: 'unreadable',
  detail: 'The file was changed or moved while it was being uploaded.',
  hint: 'Choose it again.',
};
