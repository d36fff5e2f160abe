// @vitest-environment happy-dom
import { stubObservers } from '../../resize';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { Upload, UploadPage } from '../../../src/api/types';
import { contributorApi } from '../../../src/app/contributor-api';
import { router } from '../../../src/app/router.svelte';
import { session } from '../../../src/app/session.svelte';
import MyPictures from '../../../src/components/manage/MyPictures.svelte';
import { createImage, createToken } from '../../fixtures';

let component: ReturnType<typeof mount> | null = null;

afterEach(async () => {
  if (component !== null) await unmount(component);
  component = null;
  session.signOut();
  vi.restoreAllMocks();
});

function createUpload(id: string, state: Upload['state']): Upload {
  const image = state === 'ready' ? { image: createImage(id) } : {};
  return {
    id,
    name: `${id}.jpg`,
    file_name: `${id}.jpg`,
    state,
    created: '2026-05-01T12:00:00.000Z',
    ...image,
  };
}

function getIds(): (string | undefined)[] {
  flushSync();
  return [...document.querySelectorAll<HTMLElement>('[data-upload-id]')].map((row) => row.dataset.uploadId);
}

it('shows only what has a filter, also where its first page failed and is tried again', async () => {
  let isAway = false;
  stubObservers();
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('There is no network.'));
  vi.spyOn(contributorApi, 'listUploads').mockImplementation(
    async (cursor, _signal, _limit, filter): Promise<UploadPage> => {
      if (isAway) throw new NetworkError();
      if (filter?.state === 'deleted') return { uploads: [], next: null };
      if (filter?.state === 'failed') {
        const uploads = ['failed-1', 'failed-2'].map((id) => createUpload(id, 'failed'));
        return { uploads: uploads.slice(cursor === null ? 0 : 1), next: null };
      }
      return { uploads: [createUpload('a', 'ready'), createUpload('b', 'ready')], next: 'b' };
    },
  );
  session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 600 }));
  await router.go('/uploads?view=list');
  component = mount(MyPictures, { target: document.body });
  await vi.waitFor(() => expect(getIds()).toEqual(['a', 'b']));
  isAway = true;
  await router.go('/uploads?view=list&show=failed');
  await vi.waitFor(() => expect(getIds()).toEqual([]));
  isAway = false;
  const again = [...document.querySelectorAll('button')].find(({ textContent }) =>
    /try again/i.test(textContent),
  );
  again?.click();
  await vi.waitFor(() => expect(getIds()).toEqual(['failed-1', 'failed-2']));
});
