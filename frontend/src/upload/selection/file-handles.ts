/** Handles of chosen files: with one, the page finds a file again after it was closed. Not every browser gives them. */

const handles = new WeakMap<File, FileSystemFileHandle>();
const paths = new WeakMap<File, string>();

/** What only some browsers can do with a handle. */
interface PermissionMethods {
  queryPermission?(options: { mode: 'read' }): Promise<PermissionState>;
  requestPermission?(options: { mode: 'read' }): Promise<PermissionState>;
}

export function getHandle(file: File): FileSystemFileHandle | null {
  return handles.get(file) ?? null;
}

/** The path of a file below the folder that was chosen, with the folder's name; empty for a file that was chosen alone. */
export function getPath(file: File): string {
  return paths.get(file) ?? file.webkitRelativePath;
}

export function rememberPath(file: File, path: string): File {
  paths.set(file, path);
  return file;
}

/** The file of a handle. Its handle and its path stay known as long as the file. */
export async function openFile(handle: FileSystemFileHandle, path = ''): Promise<File> {
  const file = await handle.getFile();
  handles.set(file, handle);
  return rememberPath(file, path);
}

/** Whether the page may read the file without asking; false where the browser cannot tell, as of a file that has gone. */
export async function mayRead(handle: FileSystemFileHandle & PermissionMethods): Promise<boolean> {
  try {
    return ((await handle.queryPermission?.({ mode: 'read' })) ?? 'granted') === 'granted';
  } catch {
    return false;
  }
}

/**
 * Has the browser ask whether the page may read the file. Unless somebody has just clicked, the answer is no. The answer for a
 * file that has gone is yes, without a question: reading it tells that it has gone.
 */
export async function askToRead(handle: FileSystemFileHandle & PermissionMethods): Promise<boolean> {
  try {
    return ((await handle.requestPermission?.({ mode: 'read' })) ?? 'granted') === 'granted';
  } catch (error) {
    return !(error instanceof DOMException && error.name === 'SecurityError');
  }
}
