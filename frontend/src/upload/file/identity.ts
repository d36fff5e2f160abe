import { getPath } from '../selection/file-handles';
import type { ChosenFile } from '../selection/unopened-file';
import type { FileFacts } from './item.svelte';

/** A text that is equal for files which somebody has chosen twice. */
export function identify({
  path,
  name,
  size,
  lastModified,
}: Pick<FileFacts, 'path' | 'name' | 'size' | 'lastModified'>): string {
  return `${path}/${identifyAnywhere({ name, size, lastModified })}`;
}

/** A text that is equal for files that look the same wherever they are: chosen with its folder, a photo has another path than alone. */
export function identifyAnywhere({
  name,
  size,
  lastModified,
}: Pick<FileFacts, 'name' | 'size' | 'lastModified'>): string {
  return `${name}/${size}/${lastModified}`;
}

export function identifyChosen(file: ChosenFile): string {
  const { name, size, lastModified } = file;
  return identify({ path: file instanceof File ? getPath(file) : file.path, name, size, lastModified });
}
