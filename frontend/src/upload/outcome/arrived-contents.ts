import { ApiError, isTransient } from '../../api/errors';
import type { Upload } from '../../api/types';
import { createReason } from '../../app/reasons';
import { Timer } from '../../app/clock';
import type { UploadItem } from '../file/item.svelte';
import { getImage, markDuplicate } from '../file/state';
import { computeBackoff } from '../stage/backoff';
import type { UploadContext } from '../stage/context.svelte';

/** Files in one request at most. */
const BATCH = 100;

/** Ms for which more files are waited for that are being hashed, so that they share one request. */
const COALESCING_DELAY = 400;

/** A file whose content has arrived before. */
interface Match {
  readonly item: UploadItem;
  readonly sha256: string;
  readonly arrived: UploadItem;
  /** The upload of `arrived`. */
  readonly id: string;
}

/** States of uploads whose pictures the library has. A picture that was hidden is `pending` while it is published again. */
const IN_LIBRARY: ReadonlySet<Upload['state']> = new Set(['ready', 'hidden', 'pending']);

/**
 * Says of a file that was just chosen that the owner has its content in the library, before anybody uploads it. What this page
 * has seen arrive may have been deleted since, here or elsewhere, so the library is asked, and again as long as it cannot answer.
 * Without an answer nothing is said: whoever uploads the file meanwhile leaves the decision to the library.
 */
export class ArrivedContents {
  /** The file of each content, by SHA-256, that has arrived, also of those that have left the list. */
  readonly #arrived = new Map<string, UploadItem>();
  /** Files about which the library has not been asked yet. */
  readonly #unasked = new Set<UploadItem>();
  #isAsking = false;
  #failures = 0;
  /** Until the next request after a failed one. */
  readonly #delay: Timer;
  /** True once the coalescing delay is over: the next request does not wait for more files. */
  #isOverdue = false;
  readonly #coalescing: Timer;

  constructor(private readonly context: UploadContext) {
    this.#coalescing = new Timer(context.ports.clock);
    this.#delay = new Timer(context.ports.clock);
  }

  skipDelay(): void {
    this.#delay.clear();
  }

  /** Remembers the content of a file that has arrived. Others of this content may have been chosen while it was under way. */
  note(item: UploadItem): void {
    const { state } = item;
    if ((state.name !== 'ready' && state.name !== 'duplicate') || state.content === undefined) return;
    const { sha256 } = state.content;
    const isKnown = this.#arrived.has(sha256);
    this.#arrived.set(sha256, item);
    if (isKnown) return;
    for (const other of this.context.list('hashed'))
      if (other.state.name === 'hashed' && other.state.content.sha256 === sha256) this.check(other);
  }

  /** Forgets all of it. */
  clear(): void {
    this.#arrived.clear();
    for (const item of this.#unasked) item.isUndecided = item.isUnanswered = false;
    this.#unasked.clear();
  }

  /** Has the library asked about a file whose hash has just become known, if its content has arrived before. */
  check(item: UploadItem): void {
    item.isUndecided = !item.isAskedAgain && this.#match(item) !== null;
    if (item.isUndecided) this.#unasked.add(item);
  }

  startDueWork(): void {
    const { context } = this;
    if (this.#unasked.size === 0) return;
    if (context.pause !== null) {
      this.#decideLater(this.#unasked);
      return;
    }
    if (this.#isAsking || this.#delay.isPending) return;
    const isHashing = context.list('waiting').length + context.list('hashing').length > 0;
    if (isHashing && this.#unasked.size < BATCH && !this.#isOverdue) {
      if (!this.#coalescing.isPending)
        this.#coalescing.set(COALESCING_DELAY, () => {
          this.#isOverdue = true;
          this.startDueWork();
        });
      return;
    }
    this.#isOverdue = false;
    this.#coalescing.clear();
    const batch = [...this.#unasked].slice(0, BATCH);
    for (const item of batch) this.#unasked.delete(item);
    const matches = batch.flatMap((item) => this.#match(item) ?? []);
    if (matches.length === 0) this.#settle(batch);
    else void this.#ask(batch, matches);
  }

  /** Counts the files among those to upload as long as the library cannot be asked: it is asked once it can be. */
  #decideLater(items: Iterable<UploadItem>): void {
    for (const item of items) item.isUnanswered = true;
    this.context.recordProgress();
  }

  /** The library has said of these files whether it has them, or it is of no use any more to ask. */
  #settle(items: readonly UploadItem[]): void {
    for (const item of items) item.isUndecided = item.isUnanswered = false;
    this.context.recordProgress();
    this.context.wakeStages();
  }

  /** Null for a file that is under way or done, and for one of whose content nothing is known. */
  #match(item: UploadItem): Match | null {
    const { state } = item;
    if (state.name !== 'hashed' || item.isStarted) return null;
    const { sha256 } = state.content;
    const arrived = this.#arrived.get(sha256);
    if (arrived === undefined) return null;
    const id = getImage(arrived.state)?.id ?? arrived.uploadId;
    return id === null ? null : { item, sha256, arrived, id };
  }

  async #ask(batch: readonly UploadItem[], matches: readonly Match[]): Promise<void> {
    this.#isAsking = true;
    try {
      const ids = new Set(matches.map(({ id }) => id));
      const answers = await this.context.ports.api.listUploadsById([...ids]);
      const uploads = new Map(answers.map((upload) => [upload.id, upload]));
      for (const match of matches) this.#handleAnswer(match, uploads.get(match.id));
      this.#failures = 0;
      this.#settle(batch);
    } catch (error) {
      this.#handleFailure(batch, error);
    } finally {
      this.#isAsking = false;
    }
  }

  /** Nobody need know: it is no outage for somebody who uploads nothing. Where asking again cannot help, the library decides later. */
  #handleFailure(batch: readonly UploadItem[], error: unknown): void {
    const open = isTransient(error) ? batch.filter((item) => this.#match(item) !== null) : [];
    if (open.length > 0) {
      const retryAfter = error instanceof ApiError ? error.retryAfter : null;
      const delay = computeBackoff(++this.#failures, this.context.ports.random(), { retryAfter });
      this.#delay.set(delay, this.context.wakeStages);
      for (const item of open) this.#unasked.add(item);
      this.#decideLater(open);
    }
    this.#settle(batch.filter((item) => !this.#unasked.has(item)));
  }

  #handleAnswer({ item, sha256, arrived, id }: Match, upload: Upload | undefined): void {
    // Somebody has pressed "Upload" meanwhile, or the content is that of somebody who has left. Two files that are the same photo
    // are asked about at once: the first one is that which has arrived last when it is the other's turn.
    if (this.#match(item)?.id !== id) return;
    if (upload === undefined || !IN_LIBRARY.has(upload.state)) {
      this.#arrived.delete(sha256);
      return;
    }
    item.update('hashed', (state) =>
      markDuplicate(state, upload.image ?? null, createReason('uploaded-before', arrived.name)),
    );
  }
}
