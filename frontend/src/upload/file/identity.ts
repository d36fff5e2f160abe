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
  return `${path}/${name}/${size}/${lastModified}`;
}

export function identifyChosen(file: ChosenFile): string {
  const { name, size, lastModified } = file;
  return identify({ path: file instanceof File ? getPath(file) : file.path, name, size, lastModified });
}
