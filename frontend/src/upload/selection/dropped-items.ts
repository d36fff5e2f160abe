/** What a drop gives, in the moment in which it gives it. What reads folders is loaded at the first drop. */

/** What only some browsers have: drops that give handles. */
interface HandleSource {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** One file or folder in each of the forms in which this browser gives it. */
export interface DroppedItem {
  entry: FileSystemEntry | null;
  file: File | null;
  handle: Promise<FileSystemHandle | null>;
}

/** Takes everything out of a drop. It must be called during the event, whose end takes the items away. */
export function takeDroppedItems({ items }: DataTransfer): DroppedItem[] {
  return [...items].filter(({ kind }) => kind === 'file').map(takeItem);
}

function takeItem(item: DataTransferItem & HandleSource): DroppedItem {
  // Browsers that give handles know the types of files, and of no folder. All of this happens during the event, for each of
  // thousands of items, so a file's entry is not asked for.
  const isFile = item.getAsFileSystemHandle !== undefined && item.type !== '';
  return {
    entry: isFile ? null : item.webkitGetAsEntry(),
    file: item.getAsFile(),
    handle: item.getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null),
  };
}
