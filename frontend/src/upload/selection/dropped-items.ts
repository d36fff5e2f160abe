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
  // In browsers that give handles, an item with a type is a file, as folders have none. The entry of a file is not asked for:
  // with thousands of items, that would make the event take long.
  const isFile = item.getAsFileSystemHandle !== undefined && item.type !== '';
  return {
    entry: isFile ? null : item.webkitGetAsEntry(),
    file: item.getAsFile(),
    handle: item.getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null),
  };
}
