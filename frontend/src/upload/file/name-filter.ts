/** Files of the list by their names. */
import type { UploadItem } from './item.svelte';

/** Names without case and accents; a file's name never changes. */
const folded = new WeakMap<object, string>();

/** The items whose names have this text in them, whatever its case and its accents; all of them for an empty text. */
export function filterByName<Item extends Pick<UploadItem, 'name'>>(
  items: readonly Item[],
  text: string,
): readonly Item[] {
  const wanted = fold(text.trim());
  return wanted === '' ? items : items.filter((item) => foldName(item).includes(wanted));
}

function foldName(item: Pick<UploadItem, 'name'>): string {
  let name = folded.get(item);
  if (name === undefined) folded.set(item, (name = fold(item.name)));
  return name;
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
