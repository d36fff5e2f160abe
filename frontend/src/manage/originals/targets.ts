/** Where originals are saved: in a folder that somebody has chosen, or where the browser puts downloads. */
import { NetworkError } from '../../api/errors';
import { UniqueNames } from './file-names';

export interface Target {
  /** Saves a file under this name, or under a like one that is free. Leaves nothing of a file that does not come to its end. */
  save(name: string, response: Response, signal: AbortSignal): Promise<void>;
}

interface FolderPicker {
  showDirectoryPicker?(options: { id: string; mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

export function hasFolders(): boolean {
  return (globalThis as FolderPicker).showDirectoryPicker !== undefined;
}

/** The folder that somebody chooses; null when they have closed the dialog. It must be called when somebody has clicked. */
export async function chooseFolder(): Promise<Target | null> {
  try {
    const picker = globalThis as FolderPicker;
    const folder = await picker.showDirectoryPicker?.({ id: 'originals', mode: 'readwrite' });
    return folder === undefined ? null : new Folder(folder);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

/** Each file goes to disk as it comes. What lies in the folder stays as it is. */
export class Folder implements Target {
  readonly #names = new UniqueNames();

  constructor(private readonly folder: FileSystemDirectoryHandle) {}

  async save(name: string, response: Response, signal: AbortSignal): Promise<void> {
    if (response.body === null) throw new NetworkError();
    const handle = await this.#create(name);
    try {
      // It closes the file at the end, and drops what was written where the answer breaks off.
      await response.body.pipeTo(await handle.createWritable(), { signal });
    } catch (error) {
      await this.folder.removeEntry(handle.name).catch(() => undefined);
      this.#names.free(handle.name);
      throw toldAsNetwork(error);
    }
  }

  async #create(wanted: string): Promise<FileSystemFileHandle> {
    for (;;) {
      const name = this.#names.take(wanted);
      if (!(await this.#has(name))) return this.folder.getFileHandle(name, { create: true });
    }
  }

  async #has(name: string): Promise<boolean> {
    try {
      await this.folder.getFileHandle(name);
      return true;
    } catch (error) {
      // Any other error says that something else has this name, such as a folder.
      return !(error instanceof DOMException && error.name === 'NotFoundError');
    }
  }
}

/** An answer that breaks off is told as a `TypeError`. */
function toldAsNetwork(error: unknown): unknown {
  return error instanceof TypeError ? new NetworkError() : error;
}

/** Ms after which the browser has taken a file that it was given. */
const TAKEN = 60_000;

/** The browser takes each file as a download once it is there as a whole. */
export class Downloads implements Target {
  readonly #names = new UniqueNames();

  async save(name: string, response: Response, signal: AbortSignal): Promise<void> {
    const content = await response.blob().catch((error: unknown) => Promise.reject(toldAsNetwork(error)));
    const url = URL.createObjectURL(content);
    try {
      signal.throwIfAborted();
      const link = document.createElement('a');
      link.href = url;
      link.download = this.#names.take(name);
      link.click();
    } finally {
      setTimeout(() => URL.revokeObjectURL(url), TAKEN);
    }
  }
}
