/**
 * Finds the files of the list among those that are chosen, also where the paths differ: a photo that was chosen alone has none, and the
 * same photo has one when its folder is chosen.
 */
import { getPath } from '../selection/file-handles';
import type { ChosenFile } from '../selection/unopened-file';
import { UnopenedFile } from '../selection/unopened-file';
import { identify, identifyAnywhere, identifyChosen } from './identity';
import type { UploadItem } from './item.svelte';
import { isBeingCancelled, isFinal } from './state';

/**
 * Pairs each chosen file with the one in the list of its name, size and date, where no other chosen or listed file has them: with
 * a missing one, and, if one of the two was chosen alone and so has no path, with any that is not finished. Files with the path of
 * one in the list (`isListed`, by `identify`) are found by that. Where the hash of a missing file is known, only that decides.
 * Returns the listed files by `identifyChosen` of the chosen ones, as the same file may be chosen twice at once.
 */
export function pairListed(
  listed: readonly UploadItem[],
  files: readonly ChosenFile[],
  isListed: (identity: string) => boolean,
): ReadonlyMap<string, UploadItem> {
  const pairs = new Map<string, UploadItem>();
  if (listed.length === 0) return pairs;
  const chosen = new Map<string, ChosenFile>();
  for (const file of files) if (!(file instanceof UnopenedFile)) chosen.set(identifyChosen(file), file);
  const others = findSingle(
    listed.filter((item) => (isThere(item) || item.state.name === 'missing') && !chosen.has(identify(item))),
    identifyAnywhere,
  );
  const fresh = findSingle(
    [...chosen].flatMap(([identity, file]) => (isListed(identity) ? [] : [file])),
    identifyAnywhere,
  );
  for (const [look, file] of fresh) {
    const item = others.get(look);
    if (item !== undefined && (isUnhashed(item) || (isThere(item) && wasAlone(item, file)))) {
      pairs.set(identifyChosen(file), item);
    }
  }
  return pairs;
}

/** Whether a file is in the list, neither finished nor missing, and nobody has cancelled it. */
export function isThere({ state }: Pick<UploadItem, 'state'>): boolean {
  return state.name !== 'missing' && !isFinal(state) && !isBeingCancelled(state);
}

function wasAlone({ path }: Pick<UploadItem, 'path'>, file: ChosenFile): boolean {
  return (path === '') !== (file instanceof File && getPath(file) === '');
}

/** Whether a file is missing of which nothing but its name, size and date is known. */
export function isUnhashed({ state }: Pick<UploadItem, 'state'>): boolean {
  return state.name === 'missing' && state.content === null;
}

/** The values whose key no other one has. */
function findSingle<Value>(
  values: readonly Value[],
  getKey: (value: Value) => string,
): ReadonlyMap<string, Value> {
  const single = new Map<string, Value>();
  const repeated = new Set<string>();
  for (const value of values) {
    const key = getKey(value);
    if (single.has(key)) repeated.add(key);
    single.set(key, value);
  }
  for (const key of repeated) single.delete(key);
  return single;
}
