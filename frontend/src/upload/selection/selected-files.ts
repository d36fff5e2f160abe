/** The files that somebody drops on the page or selects in a file dialog. */

/** Whether the name is of a hidden file or of one that an operating system has left in a folder. */
export function isSystemFile(name: string): boolean {
  return name.startsWith('.') || /^(thumbs\.db|desktop\.ini)$/i.test(name);
}

export function withoutSystemFiles(files: Iterable<File>): File[] {
  return [...files].filter((file) => !isSystemFile(file.name));
}

/** All files of a drop, also those in folders. It must be called during the event, after which the items are gone. */
export async function readDroppedFiles(transfer: DataTransfer): Promise<File[]> {
  const folders: FileSystemEntry[] = [];
  const files: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry?.isDirectory) folders.push(entry);
    else if (file !== null) files.push(file);
  }
  const nested = await Promise.all(folders.map(readEntry));
  return withoutSystemFiles([...files, ...nested.flat()]);
}

async function readEntry(entry: FileSystemEntry): Promise<File[]> {
  if (isSystemFile(entry.name)) return [];
  if (entry.isFile) {
    const fileEntry = entry as FileSystemFileEntry;
    return [await new Promise<File>((resolve, reject) => fileEntry.file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    // One call returns a hundred entries at most, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0) return files;
    for (const child of entries) files.push(...(await readEntry(child)));
  }
}

/** Whether the file can still be read. It cannot after it was changed or moved on disk. */
export async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
