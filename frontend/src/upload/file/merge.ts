/** Two entries of the list that are the same file: it was in the list of an earlier page, and somebody has chosen it meanwhile. */
import { identify, identifyAnywhere } from './identity';
import type { UploadItem } from './item.svelte';
import { isNotTaken, isThere, pairReturned } from './pair-listed';
import { find, findContent, isRefusedBefore, type Content } from './state';

export interface Merge {
  readonly kept: UploadItem;
  readonly dropped: UploadItem;
}

/**
 * Pairs each file that comes back from an earlier page with the one of the list that is the same: by its path, name, size and date, as
 * files are that are chosen again, or by its content. `getListed`: the file of the list with an identity.
 */
export function findMerges(
  listed: readonly UploadItem[],
  returned: readonly UploadItem[],
  getListed: (identity: string) => UploadItem | undefined,
): Merge[] {
  if (listed.length === 0) return [];
  const pairs = pairReturned(listed, returned, (identity) => getListed(identity) !== undefined);
  const contents = new Map<string | undefined, UploadItem>();
  for (const item of listed)
    if (item.state.name === 'hashed' && isChosenHere(item) && !item.isStarted)
      contents.set(item.state.content.sha256, item);
  const merged = new Set<UploadItem>();
  const merges = new Map<UploadItem, Merge>();
  const ways = [
    (item: UploadItem) => getListed(identify(item)),
    (item: UploadItem) => pairs.get(item),
    (item: UploadItem) => (isToUpload(item) ? contents.get(findContentOf(item)?.sha256) : undefined),
  ];
  // Another one of its content takes no file from the one of its path.
  for (const getSame of ways) {
    for (const item of returned) {
      const other = merges.has(item) ? undefined : getSame(item);
      const merge = other === undefined || merged.has(other) ? null : findMerge(other, item);
      if (other === undefined || merge === null) continue;
      merged.add(other);
      merges.set(item, merge);
    }
  }
  return [...merges.values()];
}

/**
 * Which of two entries stays in the list; null where both do. `returned` comes from an earlier page, and has the name, size and date
 * of `listed`, or its content. Where both contents are known, only these decide.
 */
export function findMerge(listed: UploadItem, returned: UploadItem): Merge | null {
  const [one, other] = [findContentOf(listed), findContentOf(returned)];
  const isSure = one !== null && other !== null;
  if (isSure && one.sha256 !== other.sha256) return null;
  const isExact = identify(listed) === identify(returned);
  const keepsListed = { kept: listed, dropped: returned };
  const keepsReturned = { kept: returned, dropped: listed };
  if (isToUpload(listed) && isToUpload(returned)) {
    const isLeftToHash = (isMissing(listed) && one !== null) || (isMissing(returned) && other !== null);
    if (isLeftToHash && !isSure && !isExact) return null;
    const merge = isAhead(listed, returned) ? keepsListed : keepsReturned;
    const kept = keepWhatIsTyped(merge);
    return mayDrop(kept) ? kept : null;
  }
  // What an earlier page has not taken is looked at again: it may have changed since.
  if (isNotTaken(returned) && other === null && (isThere(listed) || isNotTaken(listed))) return keepsListed;
  if (isNotTaken(listed) && one === null && isToUpload(returned)) return keepsReturned;
  if (isDone(listed) && isMissing(returned))
    return isSure || (isExact && other === null) ? keepsListed : null;
  if (isDone(returned) && isMissing(listed))
    return isSure || (isExact && one === null) ? keepsReturned : null;
  if (isSure && isDone(listed) && isDone(returned))
    return listed.state.name === 'duplicate' ? keepsReturned : keepsListed;
  if (isSure && isRefusedBefore(listed.state) && returned.state.name === 'failed') return keepsReturned;
  return isExact && isUnread(listed) && isUnread(returned) ? keepsListed : null;
}

/** Gives the entry that stays what the other one has: the file where it has none, and what somebody has typed about it. */
export function handOver({ kept, dropped }: Merge): void {
  if (!kept.isStarted) {
    const [first, last] = kept.chosen < dropped.chosen ? [kept, dropped] : [dropped, kept];
    kept.ownTitle = last.ownTitle ?? first.ownTitle;
    kept.metadata = { ...first.metadata, ...last.metadata };
    if (dropped.isStarted) {
      // What the files of its batch had in common is its own now: it may be uploaded with others.
      dropped.metadata = kept.metadata;
      kept.metadata = dropped.details;
    }
    // A picture that has arrived is known by it.
    kept.uploadId ??= dropped.uploadId;
  }
  // A missing file whose content is known by now is not read again.
  kept.embedded ??= dropped.embedded;
  if (dropped.file === null) return;
  const isAlike = identifyAnywhere(kept) === identifyAnywhere(dropped);
  if (!isMissing(kept)) {
    // What has been sent is sent again if the library loses it.
    if (isAlike && isToUpload(kept)) kept.file ??= dropped.file;
    return;
  }
  if (isAlike) kept.receive(dropped.file, dropped.path);
  else kept.file = dropped.file;
  const { state } = dropped;
  // What the file says about itself is read with the hash.
  if (state.name === 'hashed' && !dropped.isReading) {
    kept.isReading = false;
    kept.update('missing', (missing) => findContent(missing, state.content));
  } else kept.update('missing', find);
}

/** The content of a file, as far as it is known. */
export function findContentOf({ state }: Pick<UploadItem, 'state'>): Content | null {
  if (state.name === 'cancelling') return state.from.content;
  return 'content' in state ? (state.content ?? null) : null;
}

/** Whether somebody has chosen the file in this page: it does not come back from an earlier one. */
export function isChosenHere({ chosen }: Pick<UploadItem, 'chosen'>): boolean {
  return chosen >= 0;
}

/** Whether a file is uploaded, or goes on once somebody has pressed “Upload” or has chosen it again. */
export function isToUpload(item: Pick<UploadItem, 'state'>): boolean {
  return isThere(item) || isMissing(item);
}

/** Whether the entry that was in the list before stays: it is further, or the page may read its file once somebody allows it. */
function isAhead(listed: UploadItem, returned: UploadItem): boolean {
  if (isMissing(listed) && isMissing(returned) && listed.isStarted === returned.isStarted)
    return listed.isKept && !returned.isKept;
  return listed.isStarted && (!returned.isStarted || 'id' in listed.state);
}

/**
 * Where a missing file was started, and somebody has described it anew, the new entry stays: the other one takes no description any
 * more, and would be sent at once.
 */
export function keepWhatIsTyped(merge: Merge): Merge {
  const { kept, dropped } = merge;
  const isLost = isMissing(kept) && !isMissing(dropped) && losesDetails(merge);
  return isLost ? { kept: dropped, dropped: kept } : merge;
}

/** Whether nothing is lost with an entry that leaves the list: neither the way to the file, nor what somebody has typed about it. */
function mayDrop(merge: Merge): boolean {
  const { kept, dropped } = merge;
  if (isMissing(kept) && isMissing(dropped)) return !dropped.isKept || kept.isKept;
  return !losesDetails(merge);
}

/** Whether somebody has typed something about the entry that leaves the list which the other one has not, and does not take. */
function losesDetails({ kept, dropped }: Merge): boolean {
  if (!kept.isStarted) return false;
  // Of two uploads under way, the details of their batches are told, too; a missing file takes those of the new one.
  const areBoth = dropped.isStarted && !isMissing(dropped);
  const isDescribed = dropped.ownTitle !== null || Object.keys(dropped.metadata).length > 0;
  if (!areBoth && !isDescribed) return false;
  const list = ({ ownTitle, metadata, shared }: UploadItem): string =>
    JSON.stringify([ownTitle, metadata, areBoth ? shared : null]);
  return list(dropped) !== list(kept);
}

function isMissing({ state }: Pick<UploadItem, 'state'>): boolean {
  return state.name === 'missing';
}

function isDone({ state }: Pick<UploadItem, 'state'>): boolean {
  return state.name === 'ready' || state.name === 'duplicate';
}

/** Whether nothing of the file could be read. */
function isUnread({ state }: Pick<UploadItem, 'state'>): boolean {
  return state.name === 'failed' && state.content === undefined;
}
