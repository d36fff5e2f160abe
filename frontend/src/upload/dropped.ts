/** Files out of a drop or a folder chooser, however deep they lie. */

/** What operating systems leave in folders and nobody means to upload. */
export function isClutter(name: string): boolean {
  return name.startsWith('.') || /^(thumbs\.db|desktop\.ini)$/i.test(name);
}

/** All files of a drop, folders opened. Must be called within the event: the items are gone after it. */
export async function filesOfDrop(transfer: DataTransfer): Promise<File[]> {
  const entries: FileSystemEntry[] = [];
  const loose: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry?.isDirectory) entries.push(entry);
    else if (file !== null) loose.push(file);
  }
  const nested = await Promise.all(entries.map(filesOfEntry));
  return withoutClutter([...loose, ...nested.flat()]);
}

export function withoutClutter(files: Iterable<File>): File[] {
  return [...files].filter((file) => !isClutter(file.name));
}

async function filesOfEntry(entry: FileSystemEntry): Promise<File[]> {
  if (isClutter(entry.name)) return [];
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    // A reader hands out a hundred entries at most each time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    for (const one of some) files.push(...(await filesOfEntry(one)));
  }
}
