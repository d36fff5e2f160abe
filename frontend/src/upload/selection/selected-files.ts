/** The files that somebody drops on the page or selects in a file dialog. */
import { yieldToBrowser } from '../../app/yield';
import type { DroppedItem } from './dropped-items';
import { openFile, rememberPath } from './file-handles';
import { UnopenedFile, type ChosenFile } from './unopened-file';

/** What only some browsers have: dialogs that give handles. */
interface Pickers {
  showOpenFilePicker?(options: {
    multiple: true;
    types: { description: string; accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle[]>;
  showDirectoryPicker?(): Promise<FileSystemDirectoryHandle>;
}

/** Items of a drop that are read at once: thousands at once would freeze the page. */
const CHUNK = 100;

/** What somebody has selected; null when they have closed the dialog. */
type Selection = ChosenFile[] | null;

/** Whether the name is of a hidden file or of one that an operating system has left in a folder. */
export function isSystemFile(name: string): boolean {
  return name.startsWith('.') || /^(thumbs\.db|desktop\.ini)$/i.test(name);
}

export function withoutSystemFiles(files: Iterable<ChosenFile>): ChosenFile[] {
  return [...files].filter((file) => !isSystemFile(file.name));
}

/** The browser's dialog for photos that gives handles; null where it has none. */
export function findPhotoDialog(): ((types: readonly string[]) => Promise<Selection>) | null {
  const { showOpenFilePicker } = globalThis as Pickers;
  if (showOpenFilePicker === undefined) return null;
  return (types) =>
    select(async () => {
      const accept = Object.fromEntries((types.length > 0 ? types : ['image/*']).map((type) => [type, []]));
      const chosen = await showOpenFilePicker.call(globalThis, {
        multiple: true,
        types: [{ description: 'Photos', accept }],
      });
      return (
        await Promise.all(chosen.map((handle) => open(handle.name, '', () => openFile(handle))))
      ).flat();
    });
}

/** The browser's dialog for a folder that gives handles; null where it has none. */
export function findFolderDialog(): (() => Promise<Selection>) | null {
  const { showDirectoryPicker } = globalThis as Pickers;
  if (showDirectoryPicker === undefined) return null;
  return () =>
    select(async () => {
      const folder = await showDirectoryPicker.call(globalThis);
      return readFolder(folder, folder.name);
    });
}

/** All files of a drop, also those in folders. */
export async function readDroppedFiles(items: readonly DroppedItem[]): Promise<ChosenFile[]> {
  const files: ChosenFile[] = [];
  for (let start = 0; start < items.length; start += CHUNK) {
    if (start > 0) await yieldToBrowser();
    const chunk = await Promise.all(items.slice(start, start + CHUNK).map(readItem));
    files.push(...chunk.flat());
  }
  return withoutSystemFiles(files);
}

async function readItem({ entry, file, handle: taken }: DroppedItem): Promise<ChosenFile[]> {
  const handle = await taken;
  if (handle?.kind === 'directory') return readFolder(handle as FileSystemDirectoryHandle, handle.name);
  if (handle?.kind === 'file') return open(handle.name, '', () => openFile(handle as FileSystemFileHandle));
  if (entry?.isDirectory) return readEntry(entry);
  return file === null ? [] : [file];
}

/** The files that `read` adds to its list. If it fails, an `UnopenedFile` of this name follows what was read before. */
async function collect(
  name: string,
  path: string,
  read: (files: ChosenFile[]) => Promise<unknown>,
): Promise<ChosenFile[]> {
  const files: ChosenFile[] = [];
  try {
    await read(files);
  } catch (error) {
    files.push(new UnopenedFile(name, path, error));
  }
  return files;
}

function open(name: string, path: string, read: () => Promise<File>): Promise<ChosenFile[]> {
  return collect(name, path, async (files) => files.push(await read()));
}

async function select(show: () => Promise<ChosenFile[]>): Promise<Selection> {
  try {
    return withoutSystemFiles(await show());
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

function readFolder(folder: FileSystemDirectoryHandle, path: string): Promise<ChosenFile[]> {
  // Not every list of types knows that a folder can be iterated.
  const children = folder as unknown as { values(): AsyncIterable<FileSystemHandle> };
  return collect(folder.name, path, async (files) => {
    for await (const child of children.values()) {
      if (isSystemFile(child.name)) continue;
      const childPath = `${path}/${child.name}`;
      const read = (): Promise<File> => openFile(child as FileSystemFileHandle, childPath);
      if (child.kind === 'file') files.push(...(await open(child.name, childPath, read)));
      else files.push(...(await readFolder(child as FileSystemDirectoryHandle, childPath)));
    }
  });
}

async function readEntry(entry: FileSystemEntry): Promise<ChosenFile[]> {
  if (isSystemFile(entry.name)) return [];
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const fileEntry = entry as FileSystemFileEntry;
    return open(entry.name, path, async () => {
      const file = await new Promise<File>((resolve, reject) => fileEntry.file(resolve, reject));
      return rememberPath(file, path);
    });
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  return collect(entry.name, path, async (files) => {
    for (;;) {
      // One call returns a hundred entries at most, and none at the end.
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
        reader.readEntries(resolve, reject);
      });
      if (entries.length === 0) return;
      for (const child of entries) files.push(...(await readEntry(child)));
    }
  });
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
