import { isAbort, NetworkError } from '../../api/errors';
import { Timer } from '../../app/clock';
import { createReason, type Reason } from '../../app/reasons';
import { computeBackoff } from '../stage/backoff';
import type { UploadContext } from '../stage/context.svelte';
import type { UploadItem } from '../file/item.svelte';
import type { PutAnswer } from '../stage/ports';
import {
  fail,
  finishSending,
  lose,
  rehash,
  retrySending,
  setSentBytes,
  startSending,
  waitForConnection,
  type Failed,
  type IssuedTicket,
  type Queued,
  type Uploading,
  type UploadState,
} from '../file/state';
import { getUsableTicket } from '../file/usable-ticket';

/** PUTs with a new ticket each after which storage is taken to refuse the file itself. */
const MAX_TICKETS = 4;

/**
 * Errors of S3 with the status 400 that do not mean a wrong request: nothing has arrived for 20 seconds, or the connection has
 * ended in the middle of the file.
 */
const BROKEN_CONNECTION = new Set(['RequestTimeout', 'IncompleteBody']);

/** Errors of S3 with the status 400 that are about the session which has signed a ticket. */
const ENDED_SESSION = new Set(['ExpiredToken', 'InvalidToken']);

/** Third stage: sends each file to storage with a PUT, a few at a time. */
export class FileSender {
  #running = 0;
  readonly #nextRetry: Timer;

  constructor(
    private readonly context: UploadContext,
    private readonly onSent: () => void,
  ) {
    this.#nextRetry = new Timer(context.ports.clock);
  }

  startDueWork(): void {
    const { context } = this;
    if (!context.ports.isOnline() || context.isHalted || context.pause?.kind === 'signed-out') return;
    const now = context.now();
    let earliest = Infinity;
    for (const item of context.list('queued')) {
      if (this.#running >= context.settings.connections) return;
      const { state } = item;
      const issued = state.name === 'queued' ? getUsableTicket(state, now) : null;
      if (state.name !== 'queued' || issued === null) continue;
      if (state.notBefore > now) earliest = Math.min(earliest, state.notBefore);
      else if (item.file === null) item.update('queued', lose);
      else void this.#send(item, item.file, state, issued);
    }
    if (earliest < Infinity) this.#nextRetry.set(earliest - now, context.wakeStages);
  }

  async #send(item: UploadItem, file: File, queued: Queued, issued: IssuedTicket): Promise<void> {
    const { ports, wakeStages } = this.context;
    const abort = new AbortController();
    const update = (transition: (state: Uploading) => UploadState): void => {
      item.update('uploading', transition, abort);
    };
    item.state = startSending(queued, issued, abort);
    this.#running += 1;
    try {
      const report = (bytes: number): void => update((state) => setSentBytes(state, bytes));
      const answer = await ports.put(issued.ticket, file, report, abort.signal);
      if (BROKEN_CONNECTION.has(answer.code)) throw new NetworkError('The connection to storage broke.');
      update((state) => this.#handleAnswer(state, answer));
    } catch (error) {
      if (isAbort(error)) return;
      const isReadable = await ports.isReadable(file);
      update((state) => this.#handleBrokenConnection(state, isReadable));
    } finally {
      this.#running -= 1;
      wakeStages();
    }
  }

  #handleAnswer(state: Uploading, { status, code }: PutAnswer): UploadState {
    // 412: an earlier PUT has arrived, and only its answer was lost.
    if (status < 300 || status === 412) {
      this.onSent();
      return finishSending(state);
    }
    // The ticket or the session that has signed it has expired, or the upload is gone. The answer to a renewal says which.
    if (status === 403 || status === 404 || status === 410 || ENDED_SESSION.has(code)) {
      return this.#retry(state, createReason('storage-refused'), null, MAX_TICKETS);
    }
    // Storage has received other bytes than were hashed. Its other errors with the status 400 say nothing about the file.
    if (code === 'BadDigest') return rehash(state);
    const isBusy = status === 409 || status >= 500;
    return this.#retry(state, createReason(isBusy ? 'storage-busy' : 'storage-refused'));
  }

  /** Storage has not received the whole file, or its answer was lost. Sending cannot help when the file itself is the cause. */
  #handleBrokenConnection(state: Uploading, isReadable: boolean): Queued | Failed {
    if (!isReadable) return fail(state, createReason('file-changed'));
    const reason = createReason('connection-lost');
    return this.context.ports.isOnline() ? this.#retry(state, reason) : waitForConnection(state, reason);
  }

  #retry(
    state: Uploading,
    reason: Reason,
    issued: IssuedTicket | null = state.issued,
    maxSends = this.context.settings.maxSends,
  ): Queued | Failed {
    const attempt = state.retries.sends + 1;
    if (attempt >= maxSends) return fail(state, reason);
    const notBefore = this.context.now() + computeBackoff(attempt, this.context.ports.random());
    return retrySending(state, reason, notBefore, issued);
  }
}
