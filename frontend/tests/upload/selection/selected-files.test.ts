import { describe, expect, it } from 'vitest';
import { getHandle as findHandle, getPath as findPath } from '../../../src/upload/selection/file-handles';
import { takeDroppedItems } from '../../../src/upload/selection/dropped-items';
import {
  isSystemFile,
  readDroppedFiles,
  withoutSystemFiles,
} from '../../../src/upload/selection/selected-files';
import { UnopenedFile, type ChosenFile } from '../../../src/upload/selection/unopened-file';
import { createPhoto } from '../../fixtures';

const listNames = (files: ChosenFile[]): string[] => files.map(({ name }) => name);

/** Of files that could be opened. */
const getHandle = (file: ChosenFile) => (file instanceof File ? findHandle(file) : null);
const getPath = (file: ChosenFile) => (file instanceof File ? findPath(file) : file.path);

describe('isSystemFile', () => {
  it('knows hidden files and what operating systems leave in folders', () => {
    expect(['.DS_Store', 'Thumbs.db', 'desktop.ini', '._a.jpg'].every(isSystemFile)).toBe(true);
    expect(isSystemFile('a.jpg')).toBe(false);
  });
});

describe('withoutSystemFiles', () => {
  it('leaves pictures', () => {
    const files = ['.DS_Store', 'a.jpg'].map((name) => createPhoto(name));
    expect(listNames(withoutSystemFiles(files))).toEqual(['a.jpg']);
  });
});

describe('readDroppedFiles', () => {
  /** A folder whose reader hands out one entry a call, as browsers hand out a hundred. */
  const createFolder = (name: string, children: unknown[]): unknown => ({
    name,
    isFile: false,
    isDirectory: true,
    fullPath: `/${name}`,
    createReader: () => {
      const left = [...children];
      return { readEntries: (resolve: (entries: unknown[]) => void) => resolve(left.splice(0, 1)) };
    },
  });
  const createEntry = (name: string): unknown => ({
    name,
    isFile: true,
    isDirectory: false,
    fullPath: `/trip/${name}`,
    file: (resolve: (file: File) => void) => resolve(createPhoto(name)),
  });

  it('reads folders in folders', async () => {
    const folder = createFolder('trip', [
      createEntry('a.jpg'),
      createEntry('.DS_Store'),
      createFolder('day 2', [createEntry('b.jpg'), createEntry('c.jpg')]),
      createFolder('.thumbnails', [createEntry('d.jpg')]),
    ]);
    const items = [
      { kind: 'string' },
      { kind: 'file', webkitGetAsEntry: () => folder, getAsFile: () => null },
      { kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => createPhoto('loose.jpg') },
    ];
    const files = await readDroppedFiles(takeDroppedItems({ items } as unknown as DataTransfer));
    expect(listNames(files)).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'loose.jpg']);
    expect(files.slice(0, 3).map(getPath)).toEqual(['trip/a.jpg', 'trip/b.jpg', 'trip/c.jpg']);
  });

  it('lets the page live while thousands of files are read', async () => {
    const items = Array.from({ length: 1000 }, (_, index) => ({
      kind: 'file',
      webkitGetAsEntry: () => null,
      getAsFile: () => createPhoto(`${index}.jpg`),
    }));
    let hasAnswered = false;
    setTimeout(() => (hasAnswered = true));
    const files = await readDroppedFiles(takeDroppedItems({ items } as unknown as DataTransfer));
    expect(hasAnswered).toBe(true);
    expect(listNames(files)).toEqual(items.map((_, index) => `${index}.jpg`));
  });

  it('reads the others of a drop in which files and folders cannot be opened', async () => {
    const gone = new DOMException('A requested file or directory could not be found.', 'NotFoundError');
    const fail = async () => {
      throw gone;
    };
    const createHandle = (name: string, getFile = async () => createPhoto(name)) => ({
      kind: 'file',
      name,
      getFile,
    });
    const trip = {
      kind: 'directory',
      name: 'trip',
      async *values() {
        yield createHandle('a.jpg', fail);
        yield createHandle('b.jpg');
        throw gone;
      },
    };
    const day = createFolder('day', [
      {
        ...(createEntry('c.jpg') as object),
        file: (_: unknown, reject: (error: Error) => void) => reject(gone),
      },
      createEntry('d.jpg'),
    ]);
    const withHandle = (handle: unknown) => ({
      kind: 'file',
      webkitGetAsEntry: () => null,
      getAsFile: () => null,
      getAsFileSystemHandle: async () => handle,
    });
    const items = [
      withHandle(createHandle('e.jpg', fail)),
      withHandle(trip),
      { kind: 'file', webkitGetAsEntry: () => day, getAsFile: () => null },
      withHandle(createHandle('f.jpg')),
    ];
    const files = await readDroppedFiles(takeDroppedItems({ items } as unknown as DataTransfer));
    const [opened, unopened] = [File, UnopenedFile].map((type) =>
      files.filter((file) => file instanceof type),
    );
    expect(listNames(opened ?? [])).toEqual(['b.jpg', 'd.jpg', 'f.jpg']);
    expect(unopened?.map(getPath)).toEqual(['', 'trip/a.jpg', 'trip', 'trip/c.jpg']);
    expect(listNames(unopened ?? [])).toEqual(['e.jpg', 'a.jpg', 'trip', 'c.jpg']);
  });

  it('takes handles where the browser gives them, also of files in folders', async () => {
    const createHandle = (name: string) => ({ kind: 'file', name, getFile: async () => createPhoto(name) });
    const handles = [createHandle('a.jpg'), createHandle('b.jpg')];
    const folder = {
      kind: 'directory',
      name: 'trip',
      async *values() {
        yield handles[0];
        yield createHandle('.DS_Store');
      },
    };
    const items = [folder, handles[1]].map((handle) => ({
      kind: 'file',
      webkitGetAsEntry: () => null,
      getAsFile: () => null,
      getAsFileSystemHandle: async () => handle,
    }));
    const files = await readDroppedFiles(takeDroppedItems({ items } as unknown as DataTransfer));
    expect(files.map(getHandle)).toEqual(handles);
    expect(files.map(getPath)).toEqual(['trip/a.jpg', '']);
  });
});
