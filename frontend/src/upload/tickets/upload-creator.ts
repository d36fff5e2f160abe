import { isTransient } from '../../api/errors';
import type { SharedMetadata, UploadAnswer, UploadFile } from '../../api/types';
import { isName } from '../draft/title';
import { Timer } from '../../app/clock';
import { createApiReason, createReason } from '../../app/reasons';
import type { UploadContext } from '../stage/context.svelte';
import type { UploadItem } from '../file/item.svelte';
import type { Rows } from '../stage/rows';
import { RequestSlot } from '../stage/request-slot';
import {
  enqueue,
  fail,
  getImage,
  isFinal,
  markDuplicate,
  recognise,
  reject,
  type Content,
  type Hashed,
} from '../file/state';

/** Ms for which an idle connection waits for more files to be hashed, so that they share one request. */
const COALESCING_DELAY = 400;

/** A request that is on its way. */
interface Creation {
  readonly answers: Promise<UploadAnswer[]>;
  /** Whether somebody has given all files up, so that nothing comes of the answer here. */
  isForgotten: boolean;
}

/** A hashed file for which somebody has pressed "Upload". */
interface Candidate {
  item: UploadItem;
  state: Hashed;
  content: Content;
  shared: SharedMetadata;
}

/**
 * The second stage of an upload, between hashing and sending: tells the API of the hashed files, many with one request,
 * and gives each file its ticket or the reason why there is none. One request at a time, while hashing goes on.
 */
export class UploadCreator {
  /** True once the coalescing delay is over: the next request does not wait for more files. */
  #isOverdue = false;
  readonly #coalescing: Timer;
  readonly #slot: RequestSlot;
  #underWay: Creation | null = null;
  /** Files whose request has failed in a way that does not tell whether the library has carried it out. */
  readonly #uncertain = new WeakSet<UploadItem>();

  constructor(private readonly context: UploadContext) {
    this.#coalescing = new Timer(context.ports.clock);
    this.#slot = new RequestSlot(context);
  }

  skipDelay(): void {
    this.#slot.skipDelay();
  }

  /** Gives up what is asked for. Resolves to the rows that come of it; null where there certainly are none. */
  forget(): Promise<Rows> | null {
    const areAll = !this.context.list('hashed').some((item) => this.#uncertain.has(item));
    const creation = this.#underWay;
    if (creation === null) return areAll ? null : Promise.resolve({ ids: [], areAll });
    creation.isForgotten = true;
    return creation.answers.then(
      (answers) => ({
        ids: answers.flatMap(({ state, id }) => (state === 'pending' && id ? [id] : [])),
        areAll,
      }),
      (error: unknown) => ({ ids: [], areAll: areAll && !isTransient(error) }),
    );
  }

  startDueWork(): void {
    if (!this.#slot.isFree || this.context.isHalted) return;
    const candidates = this.#withoutRepeated(this.#listCandidates());
    if (candidates.length === 0) return;
    const isFull = candidates.length >= this.context.settings.batchSize;
    if (!isFull && !this.#isOverdue && this.#hasMoreToHash()) {
      if (this.#hasIdleConnection() && !this.#coalescing.isPending) {
        this.#coalescing.set(COALESCING_DELAY, () => {
          this.#isOverdue = true;
          this.startDueWork();
        });
      }
      return;
    }
    this.#isOverdue = false;
    this.#coalescing.clear();
    const batch = this.#takeBatch(candidates);
    if (batch.length > 0) void this.#create(batch);
  }

  #listCandidates(): Candidate[] {
    return this.context.list('hashed').flatMap((item) => {
      const { state, common } = item;
      // Whether it has a title and a caption decides what is sent.
      return state.name === 'hashed' && common !== null && !item.isReading
        ? [{ item, state, content: state.content, shared: common }]
        : [];
    });
  }

  #hasMoreToHash(): boolean {
    const isStarted = (item: UploadItem): boolean => item.isStarted;
    const isReading = (item: UploadItem): boolean => item.isStarted && item.isReading;
    const { context } = this;
    return (
      context.list('waiting').some(isStarted) ||
      context.list('hashing').some(isStarted) ||
      context.list('hashed').some(isReading)
    );
  }

  #hasIdleConnection(): boolean {
    const busy = this.context.list('queued').length + this.context.list('uploading').length;
    return busy < this.context.settings.connections;
  }

  /** The first files with the same shared metadata. */
  #takeBatch(candidates: Candidate[]): Candidate[] {
    const first = candidates[0]?.shared;
    const key = JSON.stringify(first);
    return candidates
      .filter(({ shared }) => shared === first || JSON.stringify(shared) === key)
      .slice(0, this.context.settings.batchSize);
  }

  /**
   * The files whose content no other one has. The others are duplicates of one that has become a picture, and wait as long as
   * that is not decided: if it fails or is cancelled, the next file of this content takes its place. What was decided before
   * somebody wanted a file says nothing about it: the picture may have gone from the library since.
   */
  #withoutRepeated(candidates: Candidate[]): Candidate[] {
    if (candidates.length === 0) return candidates;
    const { active, settled } = this.#findContentOwners();
    return candidates.filter(({ item, content }) => {
      const picture = settled.get(content.sha256);
      if (picture !== undefined && picture.settled > item.wanted) {
        const reason = createReason('same-as-another', picture.name);
        item.update('hashed', (state) => markDuplicate(state, getImage(picture.state), reason));
        return false;
      }
      const owner = active.get(content.sha256);
      return owner === undefined || owner === item;
    });
  }

  /**
   * The files of each content, by SHA-256. `active`: the one that is uploaded, of those that are started the one that is
   * furthest, or the first. `settled`: the last one of which it is known that the library has it.
   */
  #findContentOwners(): Record<'active' | 'settled', Map<string, UploadItem>> {
    const active = new Map<string, UploadItem>();
    const settled = new Map<string, UploadItem>();
    for (const item of this.context.items) {
      if (!item.isStarted) continue;
      const { state } = item;
      if (state.name === 'missing' || state.name === 'failed' || state.name === 'rejected') continue;
      const known = state.name === 'cancelling' ? state.from : state;
      if (!('content' in known) || known.content === undefined) continue;
      const { sha256 } = known.content;
      if (state.name === 'ready' || state.name === 'duplicate') {
        if (item.settled > (settled.get(sha256)?.settled ?? -1)) settled.set(sha256, item);
        continue;
      }
      const owner = active.get(sha256);
      if (owner === undefined || (owner.state.name === 'hashed' && state.name !== 'hashed'))
        active.set(sha256, item);
    }
    return { active, settled };
  }

  #create(batch: Candidate[]): Promise<void> {
    const { api } = this.context.ports;
    const answers = api.createUploads(batch.map(describeFile), batch[0]?.shared ?? {});
    const creation = (this.#underWay = { answers, isForgotten: false } as Creation);
    const { owner } = this.context;
    return this.#slot.run(
      async () => {
        const received = await answers.finally(() => (this.#underWay = null));
        for (const { item } of batch) this.#uncertain.delete(item);
        // These are rows of somebody who has left. The files that are not cancelled are created again.
        if (creation.isForgotten || this.context.owner !== owner) return;
        const unwanted = batch.flatMap((candidate, index) => this.#handleAnswer(candidate, received[index]));
        // A row that cannot be cancelled now expires at its deadline.
        if (unwanted.length > 0) api.cancelUploads(unwanted).catch(() => {});
      },
      (response, error) => {
        if (isTransient(error)) for (const { item } of batch) this.#uncertain.add(item);
        if (response.kind !== 'refuse' || creation.isForgotten) return;
        const reason = createReason('request-refused', error);
        for (const { item } of batch) item.update('hashed', (state) => fail(state, reason));
      },
    );
  }

  /** Returns the row of a file that somebody has cancelled during the request, and that is never sent. */
  #handleAnswer({ item, state: asked }: Candidate, answer: UploadAnswer | undefined): string[] {
    if (item.state !== asked) {
      // A file that starts over gets the same row again, unless it has changed: then the row expires.
      return isFinal(item.state) && answer?.state === 'pending' && answer.id ? [answer.id] : [];
    }
    item.update('hashed', (state) => {
      if (answer?.state === 'pending' && answer.id && answer.ticket) {
        return enqueue(state, answer.id, { ticket: answer.ticket, issuedAt: this.context.now() });
      }
      if (answer?.state === 'duplicate') {
        if (answer.image && answer.image.id === item.uploadId) return recognise(state, answer.image);
        return markDuplicate(state, answer.image ?? null, createReason('already-in-library'));
      }
      return reject(
        state,
        answer?.error ? createApiReason(answer.error) : createReason('no-reason-given', 'rejected'),
      );
    });
    return [];
  }
}

/** What the API is told about one file. Metadata that the files share travels once, beside them. */
function describeFile({ item, content }: Candidate): UploadFile {
  const { description, tags, license, credit } = item.metadata;
  return {
    name: item.title || item.name,
    // A name that the library refuses must not have a photo with a title refused.
    ...(isName(item.name) ? { file_name: item.name } : {}),
    type: content.type,
    size: item.size,
    sha256: content.sha256,
    ...(description ? { description } : {}),
    ...(tags?.length ? { tags } : {}),
    ...(license ? { license } : {}),
    ...(credit ? { credit } : {}),
  };
}
