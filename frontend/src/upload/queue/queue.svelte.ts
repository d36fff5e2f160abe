/**
 * The upload queue. Files are independent of each other: one that fails or is slow delays no other file.
 * The queue reaches the browser only through `Ports`. Its fields are reactive.
 */
import { untrack } from 'svelte';
import type { SharedMetadata } from '../../api/types';
import { UploadContext } from '../stage/context.svelte';
import { FileHasher } from '../hashing/file-hasher';
import { FileSender } from '../sending/file-sender';
import { identify, identifyAnywhere, identifyChosen } from '../file/identity';
import { UploadItem } from '../file/item.svelte';
import {
  findContentOf,
  findMerge,
  findMerges,
  handOver,
  isChosenHere,
  isToUpload,
  keepWhatIsTyped,
  type Merge,
} from '../file/merge';
import { ListedFiles } from '../file/listed-files';
import { isNotTaken, isThere, isUnhashed, pairListed } from '../file/pair-listed';
import { DEFAULT_SETTINGS, type Ports, type Settings } from '../stage/ports';
import { createReason, isAboutContent } from '../../app/reasons';
import { ArrivedContents } from '../outcome/arrived-contents';
import { DoneFiles } from '../outcome/done-files';
import { RefusedContents } from '../outcome/refused-contents';
import { getPath } from '../selection/file-handles';
import { UnopenedFile, type ChosenFile } from '../selection/unopened-file';
import { hasRepeated, type Choice } from '../file/choice';
import { ReturnedFiles } from '../file/returned-files';
import { getRemoval, type Removal } from '../file/removal';
import {
  cancel,
  canCancel,
  canRetry,
  fail,
  find,
  findOpenRow,
  getReason,
  isBeingCancelled,
  isFinal,
  isRefusedBefore,
  isUnsent,
  keepRow,
  leaveRow,
  reject,
  restart,
  skipDelay,
  stopSending,
  wantAgain,
  type Content,
} from '../file/state';
import type { ForgottenRows } from '../outcome/forgotten-rows';
import { StatusPoller } from '../outcome/status-poller';
import { TicketRenewer } from '../tickets/ticket-renewer';
import { UploadCanceller } from '../outcome/upload-canceller';
import { UploadCreator } from '../tickets/upload-creator';

export interface QueueListener {
  handleChange(item: UploadItem): void;
  handleRemoval(items: readonly UploadItem[]): void;
  /** Files that had left the list are in it again. */
  handleReturn(items: readonly UploadItem[]): void;
}

/** Ms between two cancellations at most that are taken back together. */
const CANCEL_INTERVAL = 30_000;

/** Files above which the stages, each of which looks through all files, are woken twenty times a second at most. */
const LONG_LIST = 500;

/** `chosen`: as the files were chosen. */
export type ListOrder = 'chosen' | 'name' | 'oldest' | 'smallest';

/** One for all comparisons: making one takes longer than a thousand comparisons. */
const COLLATOR = new Intl.Collator(undefined, { numeric: true });

const COMPARISONS: Readonly<Record<ListOrder, (a: UploadItem, b: UploadItem) => number>> = {
  chosen: (a, b) => a.key - b.key,
  name: (a, b) => COLLATOR.compare(a.name, b.name),
  oldest: (a, b) => a.lastModified - b.lastModified,
  smallest: (a, b) => a.size - b.size,
};

export class UploadQueue {
  readonly #context: UploadContext;
  readonly #hasher: FileHasher;
  readonly #creator: UploadCreator;
  readonly #renewer: TicketRenewer;
  readonly #sender: FileSender;
  readonly #poller: StatusPoller;
  readonly #canceller: UploadCanceller;
  /** The files of the last cancellations, one soon after the other, which can be taken back together. */
  cancelled = $state.raw<readonly UploadItem[]>([]);
  /** The files that were taken out of the list together, as long as nothing else has been done since. */
  removed = $state.raw<readonly UploadItem[]>([]);
  /** What was chosen last. */
  #choice = $state.raw<Choice | null>(null);
  /** How often a missing file went on as somebody had chosen it, and how often files came back from an earlier page. */
  found = 0;
  returns = 0;
  /** How often somebody has had files uploaded. */
  starts = 0;
  /** Is told of every file that has changed or left the list. */
  listener: QueueListener | null = null;
  readonly #listed = new ListedFiles();
  readonly #arrived: ArrivedContents;
  readonly #refused = new RefusedContents();
  readonly #done = new DoneFiles();
  readonly #returned = new ReturnedFiles();
  /** Whether entries are being made one, so that nothing is decided about one of them before all are. */
  #isMerging = false;
  /** Files that are in the list once more, with their earlier entries. They leave it all at once. */
  readonly #repeats = new Map<UploadItem, UploadItem>();
  /** When somebody last cancelled a file (ms). */
  #cancelledAt = -Infinity;
  #isWakingStages = false;
  #nextPosition = 1;

  constructor(ports: Ports, settings: Partial<Settings> = {}) {
    this.#context = new UploadContext(ports, { ...DEFAULT_SETTINGS, ...settings }, () => this.#wakeStages());
    this.#arrived = new ArrivedContents(this.#context);
    this.#hasher = new FileHasher(this.#context);
    this.#creator = new UploadCreator(this.#context);
    this.#renewer = new TicketRenewer(this.#context);
    this.#poller = new StatusPoller(this.#context);
    this.#sender = new FileSender(this.#context, () => this.#poller.skipDelay());
    this.#canceller = new UploadCanceller(this.#context, () => this.#poller.skipDelay());
  }

  get items() {
    return this.#context.items;
  }

  /**
   * What was chosen last, where files of it had been in the list before. Null once somebody presses "Upload", cancels all files
   * or takes some out of the list, and when the list is of somebody else.
   */
  get choice(): Choice | null {
    return this.#choice !== null && hasRepeated(this.#choice) ? this.#choice : null;
  }

  /** As `choice`, also where all files are new. */
  get latestChoice(): Choice | null {
    return this.#choice;
  }

  /** The contents, by SHA-256, of the files that are being uploaded. */
  get contentsUnderWay(): ReadonlySet<string> {
    return new Set(
      this.items.flatMap(({ state, isStarted }) =>
        isStarted && !isFinal(state) && state.name !== 'missing' && 'content' in state
          ? [state.content.sha256]
          : [],
      ),
    );
  }

  /** What `read` finds in all files, when any of them changes: for sums, which would depend on each file otherwise. */
  summarise<T>(read: (items: readonly UploadItem[]) => T): T {
    void this.#context.changes;
    return untrack(() => read(this.items));
  }

  get pause() {
    return this.#context.pause;
  }

  get outage() {
    return this.#context.outage;
  }

  get latestImage() {
    return this.#context.latestImage;
  }

  /** Whether closing the page would lose files. Files that wait for "Upload" count: somebody has chosen them. */
  get hasUnsentFiles(): boolean {
    return this.items.some(({ state }) => isUnsent(state));
  }

  /** Whether closing the page would lose files that were chosen before a moment of this page (`performance.now`). */
  hasUnsentFilesFrom(before: number): boolean {
    return this.items.some(({ state, chosen }) => isUnsent(state) && chosen < before);
  }

  /** Whose uploads the files become; null before anybody has signed in. */
  get owner(): string | null {
    return this.#context.owner;
  }

  /** Whether nothing that waits is lost to its owner if `owner` goes on. */
  mayBecomeOf(owner: string): boolean {
    return this.owner === null || this.owner === owner || !this.hasUnsentFiles;
  }

  /**
   * Adds files and hashes them; nothing is sent before `start`. Returns the new items, without repeated files, nor those that the
   * list has as not taken, or as ones that cannot be opened. What an earlier page has not taken is looked at again. A file that
   * was missing goes on where it was. `pairs`: for a chosen file that is in the list under another path, its item, as `pairListed`
   * finds it among all that were chosen at once.
   */
  add(files: readonly ChosenFile[], pairs = this.pairListed(files)): UploadItem[] {
    const added: UploadItem[] = [];
    const renewed = new Set<UploadItem>();
    const looks = this.#listDone();
    const missing = new Map(this.#context.list('missing').map((item) => [identify(item), item]));
    for (const file of files) {
      const identity = identifyChosen(file);
      // A missing one goes on first: it has no other way to its file.
      const same = missing.get(identity) ?? this.#listed.get(identity);
      missing.delete(identity);
      if (file instanceof UnopenedFile) {
        if (same === undefined) added.push(UploadItem.createFailed(file));
        continue;
      }
      const paired = pairs.get(identity);
      // Meanwhile it may have been found, or have left the list.
      const elsewhere = paired && this.#listed.isLast(paired) ? paired : undefined;
      const notTaken = [same, elsewhere].find((each) => each !== undefined && isNotTaken(each));
      if (notTaken !== undefined) {
        // The list says already that it is not taken. What an earlier page has said may be so no more.
        if (notTaken.file !== null) continue;
        renewed.add(notTaken);
      }
      const item = new UploadItem(file);
      item.chosen = performance.now();
      if (notTaken !== undefined) {
        item.ownTitle = notTaken.ownTitle;
        item.metadata = notTaken.details;
      }
      if (same?.state.name === 'missing') this.supply(same, file);
      const listed =
        same !== undefined && isThere(same) ? same : elsewhere && isThere(elsewhere) ? elsewhere : null;
      if (listed !== null) {
        // What has been sent is sent again if the library loses it.
        if (listed.file === null) {
          listed.file = file;
          this.listener?.handleChange(listed);
        }
        continue;
      }
      if (elsewhere !== undefined) {
        if (isUnhashed(elsewhere)) {
          this.supply(elsewhere, file, getPath(file));
          continue;
        }
      }
      // Whoever has cancelled a file, and chooses it again, wants it.
      item.isRepeated = item.isUndecided =
        same === undefined ? looks.has(identifyAnywhere(item)) : !isCancelled(same);
      added.push(item);
      this.#listed.note(item, null);
    }
    this.removed = [];
    // Files come in parts: a batch of which nothing was started may have more of them.
    const isOver = this.items.every(({ state }) => isFinal(state));
    const isNew = added.some(({ isRepeated }) => !isRepeated);
    if (isOver && isNew && this.items.some(({ isPast, isStarted }) => isStarted && !isPast))
      this.#leaveBehind(this.items);
    this.#append(added);
    if (renewed.size > 0) {
      const choice = this.#choice;
      this.#drop((item) => renewed.has(item));
      this.#choice = choice;
    }
    return added;
  }

  /**
   * Sets `choice` once all of it is added. That happens in parts: meanwhile some of its items may have left the list, as other
   * entries of their files are in it. If any have left it otherwise, or the list is of somebody else now, nothing is said of the
   * choice.
   */
  noteChoice({
    total,
    found,
    elsewhere,
    added,
  }: Omit<Choice, 'added'> & { added: readonly UploadItem[] }): void {
    const listed = new Set(this.items);
    const isWhole = added.every((item) => listed.has(item) || item.merged !== null);
    this.#choice = isWhole ? { total, found, elsewhere, added } : null;
  }

  /** Adds files that were in the list when the page was closed. What was chosen meanwhile, and is one of these, is in the list once. */
  restore(items: readonly UploadItem[]): void {
    const listed = this.items;
    const merges = findMerges(listed, items, (identity) => this.#listed.get(identity));
    this.returns += 1;
    this.#returned.noteListed(listed);
    this.#append(items, new Set(listed));
    this.#merge(merges);
    this.#returned.noteReturned(items);
    // A page that crashes may leave two entries of which it has just made one. And what is known of these contents was not known
    // when they were hashed.
    this.#findAgain(items);
  }

  /** Makes one entry of each two. */
  #merge(merges: readonly Merge[]): void {
    if (merges.length === 0) return;
    for (const { dropped } of merges) if ('abort' in dropped.state) dropped.state.abort.abort();
    this.#dropMerged(new Map(merges.map(({ dropped, kept }) => [dropped, kept])));
    const wasMerging = this.#isMerging;
    this.#isMerging = true;
    for (const merge of merges) {
      const { kept, dropped } = merge;
      const wasMissing = kept.state.name === 'missing';
      this.#listed.rename(kept, () => handOver(merge));
      if (wasMissing && kept.state.name !== 'missing') dropped.merged = 'found';
      if (wasMissing || dropped.state.name === 'missing') kept.isFound = kept.state.name !== 'missing';
      this.listener?.handleChange(kept);
    }
    this.#isMerging = wasMerging;
    for (const { kept } of merges) if (!kept.isGone) this.#judge(kept);
    this.#wakeStages();
  }

  /** Takes entries out of the list whose files others stand for. */
  #dropMerged(kept: ReadonlyMap<UploadItem, UploadItem>): void {
    const choice = this.#choice;
    for (const item of kept.keys()) {
      item.merged = 'listed';
      item.onchange = item.onprogress = () => undefined;
    }
    this.#drop((item) => kept.has(item));
    for (const item of kept.values()) if (!item.isGone) this.#listed.addMissing(item);
    this.#choice = choice;
  }

  /** Finds those of the list among chosen files of which nothing is in the list with their paths. */
  pairListed(files: readonly ChosenFile[]): ReadonlyMap<string, UploadItem> {
    return pairListed(this.items, files, (identity) => this.#listed.has(identity));
  }

  /** Lets a missing file go on. */
  supply(item: UploadItem, file: File, path = item.path): void {
    if (item.state.name !== 'missing') return;
    this.#listed.rename(item, () => item.receive(file, path));
    item.isFound = true;
    this.found += 1;
    item.update('missing', find);
    this.#wakeStages();
  }

  /** `before`: what was in the list when the files came back from an earlier page. */
  #append(items: readonly UploadItem[], before: ReadonlySet<UploadItem> | null = null): void {
    for (const item of items) {
      item.onchange = (changed) => this.#handleChange(changed);
      item.onprogress = () => this.#context.recordProgress();
      item.position = this.#nextPosition++;
      this.#listed.note(item, before);
    }
    this.#context.items = [...this.items, ...items];
    for (const item of items) {
      this.#arrived.note(item);
      this.#refused.note(item);
      this.#done.note(item);
      this.listener?.handleChange(item);
    }
    this.#wakeStages();
  }

  /** What files look like with which all is done, wherever they are. */
  #listDone(): ReadonlySet<string> {
    const done = this.items.filter(({ state }) => ['ready', 'duplicate', 'failed'].includes(state.name));
    return new Set(done.map(identifyAnywhere));
  }

  #handleChange(item: UploadItem): void {
    this.#context.recordChange();
    this.listener?.handleChange(item);
    this.#arrived.note(item);
    this.#refused.note(item);
    this.#done.note(item);
    if (item.state.name === 'hashed') this.#judge(item);
    else if (item.state.name === 'failed' || item.state.name === 'rejected') this.#refuseOthers(item);
    const earlier = this.#done.findEarlier(item);
    if (earlier !== null) this.#replace(item, earlier);
  }

  /** Decides what becomes of a file whose content is known, before it is uploaded. */
  #judge(item: UploadItem): void {
    if (item.state.name !== 'hashed' || this.#isMerging) return;
    const { content } = item.state;
    if (!item.isStarted && this.#matchMissing(item, content)) return;
    const merge = this.#returned.match(item, content);
    if (merge !== null) {
      this.#merge([merge]);
      return;
    }
    const refusal = item.isAskedAgain ? null : this.#refused.find(content.sha256);
    if (refusal !== null) item.update('hashed', (state) => reject(state, refusal));
    else if (!item.isStarted) this.#arrived.check(item);
  }

  /** What the library has refused of one file, it is not sent of another one. */
  #refuseOthers(refused: UploadItem): void {
    const [content, reason] = [findContentOf(refused), getReason(refused.state)];
    if (content === null || reason === null || !isAboutContent(reason)) return;
    for (const item of this.#context.list('hashed'))
      if (findContentOf(item)?.sha256 === content.sha256) this.#judge(item);
  }

  /** Leaves one entry of a file in the list: the earlier one, unless only the later one can be tried again. */
  #replace(item: UploadItem, earlier: UploadItem): void {
    const [kept, dropped] =
      isRefusedBefore(item.state) && canRetry(item.state) ? [item, earlier] : [earlier, item];
    if (this.#repeats.size === 0) queueMicrotask(() => this.#dropRepeats());
    this.#repeats.set(dropped, kept);
  }

  #dropRepeats(): void {
    const repeats = new Map(this.#repeats);
    this.#repeats.clear();
    this.#dropMerged(repeats);
    for (const [dropped, kept] of repeats) {
      if (kept.isGone || !kept.isPast || !dropped.isStarted || dropped.isPast) continue;
      // Somebody has pressed “Upload” for the file: the entry that stays tells what has become of it.
      kept.isPast = false;
      this.listener?.handleChange(kept);
    }
    this.#context.recordProgress();
  }

  /** Gives a file that was chosen anew to the missing one of the same content, and drops the new item; false if there is none. */
  #matchMissing(item: UploadItem, content: Content): boolean {
    const missing = this.#context
      .list('missing')
      .find(({ state }) => state.name === 'missing' && state.content?.sha256 === content.sha256);
    if (missing === undefined) return false;
    this.#merge([keepWhatIsTyped({ kept: missing, dropped: item })]);
    return true;
  }

  #drop(isDropped: (item: UploadItem) => boolean): void {
    const dropped = this.items.filter(isDropped);
    for (const item of dropped) {
      item.isGone = true;
      this.#returned.delete(item);
      this.#listed.delete(item);
    }
    this.#context.items = this.items.filter((item) => !isDropped(item));
    // A pause is one of these files, and ends with them.
    if (this.items.length === 0) this.#context.isHalted = false;
    this.cancelled = this.cancelled.filter((item) => !isDropped(item));
    this.#choice = null;
    this.listener?.handleRemoval(dropped);
    this.#keepHalt();
  }

  /**
   * Uploads all files chosen so far, with the metadata that they have in common, also after a pause. `keepsCaptions`: a file
   * with a caption does not get their description.
   */
  start(shared: SharedMetadata, keepsCaptions = true): void {
    const snapshot = { ...shared };
    const isOver = this.items.every(
      ({ state, isStarted }) => !isStarted || isFinal(state) || state.name === 'missing',
    );
    if (isOver) this.#leaveBehind(this.items.filter(isOfEarlierUpload));
    this.#context.isHalted = false;
    this.removed = [];
    this.#choice = null;
    for (const item of this.items) {
      if (item.isStarted) continue;
      if (isFinal(item.state)) {
        item.isLeft = true;
        continue;
      }
      item.shared = snapshot;
      item.isUndecided = item.isUnanswered = false;
      item.want();
      item.keepsCaption = keepsCaptions;
      this.listener?.handleChange(item);
    }
    this.starts += 1;
    this.#context.recordProgress();
    this.#wakeStages();
  }

  /** The progress is no longer about these files, with all of which nothing more happens. */
  #leaveBehind(items: readonly UploadItem[]): void {
    for (const item of items) {
      if (item.isPast) continue;
      item.isPast = true;
      this.listener?.handleChange(item);
    }
    this.#context.recordProgress();
  }

  /** Sets a file's own metadata. It goes with the request that `start` causes, and cannot be changed afterwards. */
  describe(item: UploadItem, metadata: SharedMetadata): void {
    if (item.isStarted) return;
    item.metadata = metadata;
    this.listener?.handleChange(item);
  }

  /** Sets a file's title, as `describe` does with the other metadata. */
  entitle(item: UploadItem, title: string): void {
    if (item.isStarted) return;
    item.ownTitle = title.trim();
    this.listener?.handleChange(item);
  }

  retry(item: UploadItem): void {
    this.#retry([item]);
  }

  retryFailed(): void {
    this.#retry(this.items.filter(({ state }) => state.name === 'failed' && canRetry(state)));
  }

  #retry(items: readonly UploadItem[]): void {
    const mayBeTwice: UploadItem[] = [];
    for (const item of items) {
      const { state } = item;
      if (!isFinal(state) || state.name === 'ready') continue;
      this.removed = [];
      // Whoever wants it all the same may know that the picture has gone from the library: the library decides.
      if (state.name !== 'cancelled') item.isAskedAgain = true;
      if (state.name === 'cancelled' || item.file === null) mayBeTwice.push(item);
      item.isPast = item.isLeft = false;
      item.want();
      item.state = restart(state);
    }
    this.#findAgain(mayBeTwice);
    this.#wakeStages();
  }

  /** Stops one file. Where the API has a row for it, the file is cancelled once the API has confirmed. */
  cancel(item: UploadItem): void {
    this.#cancel([item]);
  }

  #cancel(items: readonly UploadItem[]): void {
    const cancelled: UploadItem[] = [];
    for (const item of items) {
      const { state } = item;
      if (!canCancel(state)) continue;
      if ('abort' in state) state.abort.abort();
      item.state = cancel(state);
      // A file that was wanted again must not be wanted after the page was closed.
      if (state.name === 'cancelling') this.listener?.handleChange(item);
      cancelled.push(item);
    }
    this.removed = [];
    if (cancelled.length > 0) {
      const now = this.#context.now();
      const isSoonAfter = now - this.#cancelledAt <= CANCEL_INTERVAL;
      const before = isSoonAfter ? this.cancelled.filter((item) => !cancelled.includes(item)) : [];
      this.cancelled = [...before.filter(isCancelled), ...cancelled];
      this.#cancelledAt = now;
    }
    this.#wakeStages();
  }

  /**
   * How many files of the last cancellations are cancelled, or about to be: others have become ready before the library could
   * be told, or somebody has uploaded them after all.
   */
  countCancelled(): number {
    return this.cancelled.filter(isCancelled).length;
  }

  /** Takes the last cancellations back. A file whose row is just being removed starts over once the row is gone. */
  undoCancellation(): void {
    for (const item of this.cancelled) {
      item.update('cancelling', this.#canceller.isUnderWay(item) ? wantAgain : keepRow);
      item.update('cancelled', restart);
      item.isPast = item.isPast && isFinal(item.state);
      // A file that is still being cancelled must be wanted, too, after the page was closed.
      if (item.state.name === 'cancelling') this.listener?.handleChange(item);
    }
    const { cancelled } = this;
    this.cancelled = [];
    this.#findAgain(cancelled);
    this.#wakeStages();
  }

  /** Makes one entry of each file that is wanted again and the one that somebody has chosen again while nobody wanted that. */
  #findAgain(items: readonly UploadItem[]): void {
    if (items.length === 0) return;
    for (let wanted = items.filter(isToUpload); wanted.length > 0;) {
      const merges = new Map<UploadItem, Merge>();
      const later: UploadItem[] = [];
      for (const item of wanted) {
        const other = this.#listed.get(identify(item));
        if (item.isGone || other === undefined || other === item) continue;
        const merge = merges.has(other) ? null : findMerge(other, item);
        if (merge !== null) merges.set(other, merge);
        // Somebody has chosen it, and cancelled it, more than once: one entry stands for two of them by then.
        else if (merges.has(other)) later.push(item);
      }
      this.#merge([...merges.values()]);
      wanted = later;
    }
    // Others have their contents, under another name.
    for (const item of this.#context.list('hashed')) this.#judge(item);
  }

  /** Puts a file back among those that wait for "Upload", so that its details can be changed, also those of its batch. */
  reopen(item: UploadItem): void {
    if (!isFinal(item.state) || item.state.name === 'ready') return;
    item.metadata = item.details;
    item.shared = null;
    this.retry(item);
  }

  /** Stops all files, or some of them. */
  cancelAll(items: readonly UploadItem[] = this.items): void {
    this.#choice = null;
    this.#cancel(items);
  }

  /** Uploads the files after all that somebody has cancelled, where the page can still read them. */
  retryCancelled(): void {
    this.#retry(this.items.filter(({ state, file }) => state.name === 'cancelled' && file !== null));
  }

  /** Takes a finished file out of the list, with what somebody has typed about it. `undoRemoval` brings it back. */
  remove(item: UploadItem): void {
    if (!(isFinal(item.state) || item.state.name === 'missing')) return;
    this.#drop((other) => other === item);
    this.removed = [item];
  }

  /** Takes files out of the list that nothing more happens to. `undoRemoval` brings them back. */
  removeAll(removal: Removal): void {
    const removed = this.items.filter(({ state }) => getRemoval(state) === removal);
    const dropped = new Set(removed);
    this.#drop((item) => dropped.has(item));
    this.removed = removed;
  }

  /** Brings the files of the last removal back to their places in the list. */
  undoRemoval(): void {
    const { removed } = this;
    this.removed = [];
    for (const item of removed) {
      item.isGone = false;
      // Somebody may have chosen the same file again.
      this.#listed.addMissing(item);
    }
    this.#context.items = [...this.items, ...removed].sort((a, b) => a.position - b.position);
    this.listener?.handleReturn(removed);
  }

  /** Gives all files up, and takes them out of the list. Returns the rows whose files are not known to have arrived. */
  forget(): ForgottenRows {
    const ids = this.items.flatMap(({ state }) => findOpenRow(state) ?? []);
    const later = this.#creator.forget();
    for (const { state } of this.items) if ('abort' in state) state.abort.abort();
    this.#drop(() => true);
    this.#returned.clear();
    this.#arrived.clear();
    this.#refused.clear();
    this.#done.clear();
    this.#repeats.clear();
    this.removed = [];
    return { ids, later };
  }

  /** Takes all files out of the list without a word to the listener, which has kept them for their owner. */
  release(): void {
    this.#context.owner = null;
    this.#context.isHalted = false;
    for (const item of this.items) {
      if ('abort' in item.state) item.state.abort.abort();
      // Answers that are still to come are none to whoever has the list then.
      item.onchange = item.onprogress = () => undefined;
      item.isGone = true;
    }
    this.#listed.clear();
    this.#returned.clear();
    this.#repeats.clear();
    this.#arrived.clear();
    this.#refused.clear();
    this.#done.clear();
    this.#context.items = [];
    this.cancelled = [];
    this.#choice = null;
    this.removed = [];
  }

  get isHalted(): boolean {
    return this.#context.isHalted;
  }

  /** Sends nothing more until `goOn`. A file that is on its way is sent again from its beginning. */
  halt(): void {
    this.#context.isHalted = true;
    for (const item of this.items) stop(item);
    this.#keepHalt();
  }

  goOn(): void {
    this.#context.isHalted = false;
    this.#keepHalt();
    this.#wakeStages();
  }

  /** The pause is kept in the record of a file. Rewrites one, so that the next page knows it. */
  #keepHalt(): void {
    const item = this.items.find(({ state }) => !isFinal(state));
    if (item !== undefined) this.listener?.handleChange(item);
  }

  /** Puts the list, and so what is sent next, into an order. */
  sort(order: ListOrder): void {
    const items = [...this.items].sort(COMPARISONS[order]);
    items.forEach((item, index) => (item.position = index + 1));
    this.#nextPosition = items.length + 1;
    this.#context.items = items;
    for (const item of items) this.listener?.handleChange(item);
    this.#wakeStages();
  }

  /** Goes on after `owner` has signed in. What somebody else has begun is not finished in the wrong name, nor twice. */
  resume(owner: string): void {
    const previous = this.#context.owner;
    this.#context.owner = owner;
    if (previous !== owner) {
      // What somebody else has uploaded is none of the new owner's pictures.
      if (previous !== null) {
        this.#choice = null;
        this.#arrived.clear();
        this.#refused.clear();
        this.#done.clear();
      }
      for (const item of this.items) {
        if (previous !== null) leaveToOwner(item);
        this.listener?.handleChange(item);
      }
    }
    this.#context.pause = null;
    this.#wakeStages();
  }

  /** Sends nothing more, and keeps the files: nobody is signed in. */
  suspend(): void {
    this.#context.pause = { kind: 'signed-out', detail: 'Nobody is signed in.' };
    for (const item of this.items) stop(item);
  }

  /** Goes on now instead of after a delay: the connection is back, or a person asks for it. */
  skipDelays(): void {
    for (const item of this.items) item.update('queued', skipDelay);
    this.#context.clearOutage();
    this.#hasher.skipDelay();
    this.#arrived.skipDelay();
    this.#creator.skipDelay();
    this.#renewer.skipDelay();
    this.#poller.skipDelay();
    this.#canceller.skipDelay();
    this.#wakeStages();
  }

  /** Lets every stage start the work that is due, once after any number of changes. */
  #wakeStages(): void {
    if (this.#isWakingStages) return;
    this.#isWakingStages = true;
    const isLong = this.items.length > LONG_LIST;
    const wait = isLong
      ? (callback: () => void) => this.#context.ports.clock.after(50, callback)
      : queueMicrotask;
    wait(() => {
      this.#isWakingStages = false;
      this.#hasher.startDueWork();
      this.#arrived.startDueWork();
      this.#creator.startDueWork();
      this.#renewer.startDueWork();
      this.#sender.startDueWork();
      this.#poller.startDueWork();
      this.#canceller.startDueWork();
    });
  }
}

function isCancelled({ state }: UploadItem): boolean {
  return state.name === 'cancelled' || isBeingCancelled(state);
}

/**
 * Whether a file is none of the upload that begins now: nothing more happens to it, and it was uploaded, or was not taken when others
 * were, or in an earlier page, which has said so.
 */
function isOfEarlierUpload(item: UploadItem): boolean {
  const isOfEarlierPage = !isChosenHere(item) && !item.isAskedAgain && !item.isFound;
  return isFinal(item.state) && (item.isStarted || item.isLeft || isOfEarlierPage);
}

function stop(item: UploadItem): void {
  if (item.state.name === 'uploading') item.state.abort.abort();
  item.update('uploading', stopSending);
}

/** Parts a file from the row of its previous owner. A file that has arrived is the previous owner's picture. */
function leaveToOwner(item: UploadItem): void {
  stop(item);
  item.update('cancelling', (state) => (state.isUndone ? keepRow(state) : state));
  item.uploadId = null;
  item.update('queued', leaveRow);
  item.update('processing', (state) => fail(state, createReason('sent-by-another')));
  item.update('cancelling', (state) => fail(state, createReason('cancelled-by-another')));
}
