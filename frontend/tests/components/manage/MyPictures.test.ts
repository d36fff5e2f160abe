// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type { Image, Upload, UploadPage } from '../../../src/api/types';
import { contributorApi } from '../../../src/app/contributor-api';
import { router } from '../../../src/app/router.svelte';
import { session } from '../../../src/app/session.svelte';
import MyPictures from '../../../src/components/manage/MyPictures.svelte';
import { deletions } from '../../../src/manage/library/library';
import { unsavedEdits } from '../../../src/manage/library/pending-edits.svelte';
import { removal } from '../../../src/manage/library/removal.svelte';
import { pictureChanges } from '../../../src/pictures/picture-changes.svelte';
import { createImage, createToken } from '../../fixtures';

vi.hoisted(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe = (): void => undefined;
      unobserve = (): void => undefined;
      disconnect = (): void => undefined;
    },
  );
});

const IDS = ['a', 'b', 'c'];
const WAITS = 'The deletion goes on by itself';
const NOT_KNOWN = 'Of 1 picture it is not known whether it was deleted.';

let component: ReturnType<typeof mount> | null;
let isAway: boolean;

beforeEach(() => {
  component = null;
  isAway = true;
  // Other tests of this process may have deleted pictures of these ids.
  pictureChanges.forget(IDS, Infinity);
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'));
  vi.spyOn(contributorApi, 'listUploadsById').mockRejectedValue(new NetworkError());
  vi.spyOn(contributorApi, 'listDuplicates').mockResolvedValue({ groups: [], next: null });
  vi.spyOn(contributorApi, 'listUploads').mockImplementation(async (_cursor, _signal, _limit, filter) => {
    const uploads = filter?.state === 'deleted' || filter?.state === 'failed' ? [] : IDS.map(createUpload);
    return { uploads, next: null };
  });
  vi.spyOn(contributorApi, 'deleteImages').mockImplementation(async (ids) => {
    if (isAway) throw new NetworkError();
    return ids.map((id) => ({
      id,
      state: 'deleted',
      restorable_until: new Date(Date.now() + 600_000).toISOString(),
    }));
  });
  session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 600 }));
});
afterEach(async () => {
  await leave();
  removal.forget();
  deletions.dismiss();
  pictureChanges.forget(IDS, Infinity);
  session.signOut();
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

function createUpload(id: string): Upload {
  const created = '2026-05-01T12:00:00.000Z';
  return { id, name: `${id}.jpg`, file_name: `${id}.jpg`, state: 'ready', created, image: createImage(id) };
}

function createFailed(id: string): Upload {
  const { image: _, ...upload } = createUpload(id);
  return { ...upload, state: 'failed' };
}

function getIds(): (string | null)[] {
  flushSync();
  return [...document.querySelectorAll('[data-upload-id]')].map((row) => row.getAttribute('data-upload-id'));
}

async function show(query = '?view=list'): Promise<void> {
  await router.go(`/uploads${query}`);
  component ??= mount(MyPictures, { target: document.body });
  await vi.waitFor(() => {
    flushSync();
    expect(document.body.textContent).not.toContain('Loading your pictures');
  });
}

async function leave(): Promise<void> {
  if (component !== null) await unmount(component);
  component = null;
}

function press(label: string): void {
  const buttons = [...document.querySelectorAll('button')];
  const button = buttons.find(
    (each) => (each.getAttribute('aria-label') ?? each.textContent.trim()) === label,
  );
  button?.click();
  flushSync();
}

async function waitForText(text: string): Promise<void> {
  await vi.waitFor(() => {
    flushSync();
    expect(document.body.textContent).toContain(text);
  });
}

/** Ends once the deletions that waited are carried out. */
async function connect(): Promise<void> {
  isAway = false;
  dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(removal.isRunning).toBe(false));
  flushSync();
  await new Promise((resolve) => setTimeout(resolve));
}

function listRequests(): string[] {
  return vi.mocked(contributorApi.deleteImages).mock.calls.flatMap(([ids]) => ids);
}

describe('a deletion that waits for the network', () => {
  it.each(['list', 'grid', 'captions'])(
    'is marked at each of its pictures, until it is stopped: %s',
    async (view) => {
      await show(`?view=${view}`);
      const listMarked = (): string[] =>
        [...document.querySelectorAll<HTMLElement>('[data-upload-id]')]
          .filter(({ textContent }) => textContent.includes('Will be deleted'))
          .map(({ dataset }) => dataset.uploadId ?? '');
      const deleting = [removal.delete(['a'], new Map()), removal.delete(['b'], new Map())];
      await waitForText(WAITS);
      expect(listMarked()).toEqual(['a', 'b']);
      press('Stop the deletion');
      expect(listMarked()).toEqual([]);
      await Promise.all(deleting);
    },
  );

  it('is told of, and can be stopped, also after whoever began it has been on another page', async () => {
    await show();
    press('Delete a.jpg');
    await waitForText(WAITS);
    await leave();
    await show();
    expect(document.body.textContent).toContain(WAITS);
    expect(document.querySelector('[data-upload-id=a]')?.getAttribute('aria-busy')).toBe('true');
    press('Stop the deletion');
    await waitForText(NOT_KNOWN);
    expect(document.body.textContent).not.toContain(WAITS);
    await connect();
    expect(document.querySelector('[data-upload-id=a]')?.getAttribute('aria-busy')).toBe('false');
    expect(listRequests()).toEqual(['a']);
    // What has failed was read.
    await leave();
    await show();
    expect(document.body.textContent).not.toContain(NOT_KNOWN);
  });

  it.each(['?view=list', '?view=grid', '?view=captions', '?view=duplicates', '?show=failed'])(
    'is told of once at %s',
    async (query) => {
      await show();
      press('Delete b.jpg');
      await waitForText(WAITS);
      await show(query);
      await new Promise((resolve) => setTimeout(resolve));
      flushSync();
      expect(document.body.textContent.split(WAITS)).toHaveLength(2);
    },
  );

  it('is told of where the list cannot be loaded', async () => {
    await show();
    press('Delete b.jpg');
    await waitForText(WAITS);
    await leave();
    vi.mocked(contributorApi.listUploads).mockRejectedValue(new NetworkError());
    await show();
    expect(document.querySelector('[data-upload-id]')).toBeNull();
    expect(document.body.textContent).toContain(WAITS);
  });

  it('tells whoever comes back after it has failed', async () => {
    await show();
    press('Delete a.jpg');
    await waitForText(WAITS);
    await leave();
    removal.stop();
    await vi.waitFor(() => expect(removal.isRunning).toBe(false));
    await show();
    expect(document.body.textContent).toContain(NOT_KNOWN);
  });

  it.each([true, false])(
    'is told of after a dialog was open while it failed; the dialog was closed: %s',
    async (isClosed) => {
      await show();
      press('Delete a.jpg');
      await waitForText(WAITS);
      const boxes = document.querySelectorAll<HTMLElement>('[data-upload-id] input[type=checkbox]');
      for (const box of boxes) box.click();
      flushSync();
      press('Edit');
      expect(document.querySelector('dialog')).not.toBeNull();
      removal.stop();
      await vi.waitFor(() => expect(removal.isRunning).toBe(false));
      flushSync();
      if (isClosed) press('Cancel');
      else await leave();
      if (!isClosed) await show();
      await waitForText(NOT_KNOWN);
    },
  );

  it.each(['here', 'on another page'])('takes the focus from nobody who types %s', async (place) => {
    await show();
    press('Delete b.jpg');
    await waitForText(WAITS);
    if (place === 'on another page') {
      await leave();
      const page = document.createElement('div');
      page.innerHTML = '<div data-page="upload"><h1 tabindex="-1">Upload</h1><input type="search"></div>';
      document.body.append(page);
    }
    const field = document.querySelector<HTMLElement>('input[type=search]');
    field?.focus();
    expect(document.activeElement).toBe(field);
    await connect();
    expect(listRequests()).toContain('b');
    expect(document.activeElement).toBe(field);
  });

  it('gives the focus to the next picture where its button has gone, and nobody is elsewhere', async () => {
    await show();
    document.querySelector<HTMLElement>('[aria-label="Delete a.jpg"]')?.focus();
    press('Delete a.jpg');
    await waitForText(WAITS);
    await connect();
    expect(document.activeElement?.closest('[data-upload-id]')?.getAttribute('data-upload-id')).toBe('b');
  });

  it.each(['?view=list', '?view=grid', '?view=captions'])(
    'gives the focus of “Stop” to the picture that was not deleted, at %s',
    async (query) => {
      await show();
      press('Delete b.jpg');
      await waitForText(WAITS);
      await show(query);
      document.querySelector<HTMLElement>('[aria-label="Stop the deletion"]')?.focus();
      press('Stop the deletion');
      await waitForText(NOT_KNOWN);
      await vi.waitFor(() =>
        expect(document.activeElement?.closest('[data-upload-id]')?.getAttribute('data-upload-id')).toBe('b'),
      );
    },
  );

  it('is followed by the one that was asked for meanwhile', async () => {
    await show();
    press('Delete a.jpg');
    await waitForText(WAITS);
    press('Delete b.jpg');
    expect(document.querySelector('[data-upload-id=b]')?.getAttribute('aria-busy')).toBe('true');
    await connect();
    const rows = [...document.querySelectorAll('[data-state=ready]')];
    expect(rows.map((row) => row.getAttribute('data-upload-id'))).toEqual(['c']);
  });
});

describe('a filter', () => {
  it('shows only what it is of, also where its first page failed and is tried again', async () => {
    isAway = false;
    vi.mocked(contributorApi.listUploads).mockImplementation(
      async (cursor, _signal, _limit, filter): Promise<UploadPage> => {
        if (isAway) throw new NetworkError();
        if (filter?.state === 'deleted') return { uploads: [], next: null };
        if (filter?.state === 'failed') {
          const uploads = ['failed-1', 'failed-2'].map(createFailed);
          return { uploads: uploads.slice(cursor === null ? 0 : 1), next: null };
        }
        return { uploads: ['a', 'b'].map(createUpload), next: 'b' };
      },
    );
    await show();
    await vi.waitFor(() => expect(getIds()).toEqual(['a', 'b']));
    isAway = true;
    await show('?view=list&show=failed');
    await vi.waitFor(() => expect(getIds()).toEqual([]));
    isAway = false;
    press('Try again');
    await vi.waitFor(() => expect(getIds()).toEqual(['failed-1', 'failed-2']));
  });
});

describe('a list that cannot be loaded', () => {
  /** Whether the rows are above what says it. */
  const isBelowRows = (): boolean => {
    const [row, notice] = ['[data-upload-id]', '[role=alert]'].map((selector) =>
      document.querySelector(selector),
    );
    if (!row || !notice) throw new Error('There is no row, or no notice.');
    return (row.compareDocumentPosition(notice) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  };

  it('says above the rows that they are old, and below them that further ones are missing', async () => {
    const list = vi.mocked(contributorApi.listUploads);
    list.mockResolvedValue({ uploads: IDS.map(createUpload), next: 'more' });
    await show();
    list.mockRejectedValue(new NetworkError());
    press('Load more');
    await waitForText('The server cannot be reached.');
    expect(isBelowRows()).toBe(true);
    press('Refresh');
    await vi.waitFor(() => {
      flushSync();
      expect(isBelowRows()).toBe(false);
    });
    expect(document.querySelectorAll('[role=alert]')).toHaveLength(1);
    list.mockResolvedValue({ uploads: IDS.map(createUpload), next: null });
    press('Try again');
    await vi.waitFor(() => {
      flushSync();
      expect(document.querySelectorAll('[role=alert]')).toHaveLength(0);
    });
  });
});

it.each([
  ['the list is loaded anew', true],
  ['only its first page is', false],
])(
  'has what was typed into a caption and not saved after the next sign-in of the same person, where %s',
  async (_, isWhole) => {
    const uploads = Array.from({ length: 120 }, (_each, index) => createUpload(`caption${index}`));
    const list = vi
      .mocked(contributorApi.listUploads)
      .mockImplementation(async (_cursor, _signal, _limit, filter) => ({
        uploads: filter?.state === undefined ? uploads : [],
        next: null,
      }));
    vi.spyOn(contributorApi, 'editImage').mockRejectedValue(new ApiError(401, 'token-expired', 'Expired.'));
    await show('?view=captions');
    const find = (): HTMLTextAreaElement | null => document.querySelector('#caption-caption110');
    await vi.waitFor(() => {
      flushSync();
      expect(find()).not.toBeNull();
    });
    const field = find()!;
    field.value = 'A boat';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
    await waitForText('Not saved');
    if (!isWhole) list.mockImplementation(async () => ({ uploads: uploads.slice(0, 100), next: 'more' }));
    session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 1200 }));
    flushSync();
    await waitForText(isWhole ? 'Enter or Tab' : 'Load more');
    flushSync();
    expect(unsavedEdits.all).toEqual([{ image: createImage('caption110'), set: { description: 'A boat' } }]);
    if (!isWhole) return;
    await vi.waitFor(() => {
      flushSync();
      expect(find()?.value).toBe('A boat');
    });
  },
);

it('sends nothing of a caption in the name of somebody else who has signed in meanwhile', async () => {
  let answer = (_: Image): void => undefined;
  const saving = new Promise<Image>((resolve) => (answer = resolve));
  const edit = vi.spyOn(contributorApi, 'editImage').mockReturnValue(saving);
  await show('?view=captions');
  const field = document.querySelector<HTMLTextAreaElement>('#caption-a')!;
  const type = (text: string): void => {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
    flushSync();
  };
  type('A boat');
  type('A boat at sea');
  session.signIn(createToken({ sub: 'bob', scope: 'upload', exp: Date.now() / 1000 + 600 }));
  flushSync();
  answer({ ...createImage('a'), description: 'A boat', revision: 1 });
  await vi.waitFor(() => {
    flushSync();
    expect(document.querySelector('[data-upload-id=a]')?.getAttribute('data-caption')).toBe('failed');
  });
  expect(edit).toHaveBeenCalledOnce();
});

it('leads whoever goes on with the Tab key from its first stop to the box for all pictures', async () => {
  await show();
  const first = document.querySelector<HTMLElement>('a[href], button, input, select');
  expect(first?.textContent).toBe('Skip to the pictures');
  first?.click();
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Select all');
  // There is no such box, and so no way to it, where nothing is listed.
  vi.mocked(contributorApi.listUploads).mockResolvedValue({ uploads: [], next: null });
  await show('?view=list&show=failed');
  expect(document.body.textContent).not.toContain('Skip to the pictures');
});
