import type { Upload } from '../../api/types';
import { createReason } from '../../app/reasons';
import { Timer } from '../../app/clock';
import type { UploadItem } from '../file/item.svelte';
import { getImage, markDuplicate } from '../file/state';
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

/** Uploads whose pictures are in the library: one that was a picture before is `pending` while it gets other renditions. */
const THERE: ReadonlySet<Upload['state']> = new Set(['ready', 'hidden', 'pending']);

/**
 * Says of a file that was just chosen that the owner has its content in the library, before anybody uploads it. What this page
 * has seen arrive may have been deleted since, here or elsewhere, so the library is asked. Without an answer nothing is said:
 * then the file is uploaded as any other, and the library decides.
 */
export class ArrivedContents {
  /** The file of each content, by SHA-256, that has arrived, also of those that have left the list. */
  readonly #arrived = new Map<string, UploadItem>();
  /** Files about which the library has not been asked yet. */
  readonly #unasked = new Set<UploadItem>();
  #isAsking = false;
  /** Whether the next request does not wait for more files. */
  #isOverdue = false;
  readonly #timer: Timer;

  constructor(private readonly context: UploadContext) {
    this.#timer = new Timer(context.ports.clock);
  }

  /** Remembers the content of a file that has arrived. */
  note(item: UploadItem): void {
    const { state } = item;
    if ((state.name === 'ready' || state.name === 'duplicate') && state.content !== undefined)
      this.#arrived.set(state.content.sha256, item);
  }

  /** Forgets all of it. */
  clear(): void {
    this.#arrived.clear();
    for (const item of this.#unasked) item.isUndecided = false;
    this.#unasked.clear();
  }

  /** Has the library asked about a file whose hash has just become known, if its content has arrived before. */
  check(item: UploadItem): void {
    item.isUndecided = !item.isAskedAgain && this.#match(item) !== null;
    if (item.isUndecided) this.#unasked.add(item);
  }

  startDueWork(): void {
    const { context } = this;
    if (this.#unasked.size === 0 || this.#isAsking) return;
    if (context.pause !== null) {
      this.#decideLater();
      return;
    }
    const isHashing = context.list('waiting').length + context.list('hashing').length > 0;
    if (isHashing && this.#unasked.size < BATCH && !this.#isOverdue) {
      if (!this.#timer.isPending)
        this.#timer.set(COALESCING_DELAY, () => {
          this.#isOverdue = true;
          this.startDueWork();
        });
      return;
    }
    this.#isOverdue = false;
    this.#timer.clear();
    const batch = [...this.#unasked].slice(0, BATCH);
    for (const item of batch) this.#unasked.delete(item);
    const matches = batch.flatMap((item) => this.#match(item) ?? []);
    void this.#ask(batch, matches);
  }

  /** Counts the files among those to upload as long as the library cannot be asked: it is asked once somebody has signed in. */
  #decideLater(): void {
    for (const item of this.#unasked) item.isUndecided = false;
    this.context.recordProgress();
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
      if (matches.length === 0) return;
      const ids = new Set(matches.map(({ id }) => id));
      const answers = await this.context.ports.api.listUploadsById([...ids]);
      const uploads = new Map(answers.map((upload) => [upload.id, upload]));
      for (const match of matches) this.#handleAnswer(match, uploads.get(match.id));
    } catch {
      // Nobody need know: the library decides once somebody uploads the files.
    } finally {
      this.#isAsking = false;
      for (const item of batch) item.isUndecided = false;
      this.context.recordProgress();
      this.context.wakeStages();
    }
  }

  #handleAnswer({ item, sha256, arrived, id }: Match, upload: Upload | undefined): void {
    // Somebody has pressed "Upload" meanwhile, or the content is that of somebody who has left.
    if (this.#arrived.get(sha256) !== arrived || this.#match(item)?.id !== id) return;
    if (upload === undefined || !THERE.has(upload.state)) {
      this.#arrived.delete(sha256);
      return;
    }
    item.update('hashed', (state) =>
      markDuplicate(state, upload.image ?? null, createReason('uploaded-before', arrived.name)),
    );
  }
}
