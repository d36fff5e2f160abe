/**
 * Finds the files of the list among those that are chosen, or come back from an earlier page, also where the paths differ: a photo
 * that was chosen alone has none, and the same photo has one when its folder is chosen, and a longer one with the folder around that.
 */
import { getPath } from '../selection/file-handles';
import type { ChosenFile } from '../selection/unopened-file';
import { UnopenedFile } from '../selection/unopened-file';
import { identify, identifyAnywhere } from './identity';
import type { FileFacts, UploadItem } from './item.svelte';
import { getRemoval } from './removal';
import { isBeingCancelled, isFinal } from './state';

/**
 * Pairs each chosen file with the one in the list of its name, size and date, where no other chosen or listed file has them: with
 * a missing one, and, if both may be at the same place (`areNested`), with any that is not finished or was not taken. Files with the
 * path of one in the list (`isListed`, by `identify`) are found by that. Where the hash of a missing file is known, only that decides.
 * Returns the listed files by `identify` of the chosen ones, as the same file may be chosen twice at once.
 */
export function pairListed(
  listed: readonly UploadItem[],
  files: readonly ChosenFile[],
  isListed: (identity: string) => boolean,
): ReadonlyMap<string, UploadItem> {
  const facts = files.flatMap((file): FileFacts[] => {
    if (file instanceof UnopenedFile) return [];
    const { name, size, lastModified } = file;
    return [{ path: getPath(file), name, size, lastModified }];
  });
  return pair(listed, facts, isListed, (item, file) => {
    if (isUnhashed(item)) return true;
    return item.state.name !== 'missing' && areNested(item.path, file.path);
  });
}

/** Pairs each file that comes back from an earlier page with the one in the list in the same way. */
export function pairReturned(
  listed: readonly UploadItem[],
  returned: readonly UploadItem[],
  isListed: (identity: string) => boolean,
): ReadonlyMap<UploadItem, UploadItem> {
  const pairs = pair(
    listed,
    returned.filter(isOpen),
    isListed,
    (item, other) => isUnhashed(item) || isUnhashed(other) || areNested(item.path, other.path),
  );
  return new Map(
    returned.flatMap((item) => {
      const same = isOpen(item) ? pairs.get(identify(item)) : undefined;
      return same === undefined ? [] : [[item, same]];
    }),
  );
}

function pair<Facts extends FileFacts>(
  listed: readonly UploadItem[],
  files: readonly Facts[],
  isListed: (identity: string) => boolean,
  mayBeSame: (item: UploadItem, file: Facts) => boolean,
): ReadonlyMap<string, UploadItem> {
  const pairs = new Map<string, UploadItem>();
  if (listed.length === 0) return pairs;
  const chosen = new Map(files.map((file) => [identify(file), file]));
  const fresh = groupByLook([...chosen].flatMap(([identity, file]) => (isListed(identity) ? [] : [file])));
  if (fresh.size === 0) return pairs;
  const others = groupByLook(listed.filter((item) => isOpen(item) && !chosen.has(identify(item))));
  for (const [look, alike] of fresh) {
    const items = others.get(look) ?? [];
    // Where a folder is chosen with the one around it, several files of it may look the same.
    const nested = findNested(items, alike).filter(([item, file]) => mayBeSame(item, file));
    for (const [item, file] of nested) pairs.set(identify(file), item);
    const [item, ...otherItems] = items.filter((each) => !nested.some(([paired]) => paired === each));
    const [file, ...otherFiles] = alike.filter((each) => !nested.some(([, paired]) => paired === each));
    if (otherItems.length + otherFiles.length > 0 || item === undefined || file === undefined) continue;
    if (mayBeSame(item, file)) pairs.set(identify(file), item);
  }
  return pairs;
}

/** Whether a file is in the list, neither finished nor missing, and nobody has cancelled it. */
export function isThere({ state }: Pick<UploadItem, 'state'>): boolean {
  return state.name !== 'missing' && !isFinal(state) && !isBeingCancelled(state);
}

/** Whether a file that is chosen again is this one: it is there, or missing, or was not taken, which the list says already. */
function isOpen(item: Pick<UploadItem, 'state'>): boolean {
  return isThere(item) || item.state.name === 'missing' || isNotTaken(item);
}

export function isNotTaken({ state }: Pick<UploadItem, 'state'>): boolean {
  return getRemoval(state) === 'rejected';
}

/** Whether a file with one of these paths may be the one with the other: one was chosen alone, or with a folder around the other's. */
export function areNested(one: string, other: string): boolean {
  return one === other || one === '' || other === '' || areAround(one, other);
}

function areAround(one: string, other: string): boolean {
  if (one === '' || other === '') return false;
  return one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
}

/** Whether a file is missing of which nothing but its name, size and date is known. */
export function isUnhashed({ state }: Pick<UploadItem, 'state'>): boolean {
  return state.name === 'missing' && state.content === null;
}

function groupByLook<Facts extends FileFacts>(files: readonly Facts[]): ReadonlyMap<string, Facts[]> {
  const groups = new Map<string, Facts[]>();
  for (const file of files) {
    const look = identifyAnywhere(file);
    const group = groups.get(look);
    if (group === undefined) groups.set(look, [file]);
    else group.push(file);
  }
  return groups;
}

/** The files of which one has the other's path below a folder, and neither has that with another one. */
function findNested<Facts extends FileFacts>(
  items: readonly UploadItem[],
  files: readonly Facts[],
): [UploadItem, Facts][] {
  return items.flatMap((item): [UploadItem, Facts][] => {
    const [file, ...others] = files.filter(({ path }) => areAround(item.path, path));
    if (file === undefined || others.length > 0) return [];
    return items.filter(({ path }) => areAround(path, file.path)).length === 1 ? [[item, file]] : [];
  });
}
