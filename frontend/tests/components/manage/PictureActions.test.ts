// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../../../src/api/errors';
import { contributorApi } from '../../../src/app/contributor-api';
import { router } from '../../../src/app/router.svelte';
import { session } from '../../../src/app/session.svelte';
import PictureActions from '../../../src/components/manage/PictureActions.svelte';
import { getRights } from '../../../src/manage/library/library';
import { removal } from '../../../src/manage/library/removal.svelte';
import { createImage, createToken } from '../../fixtures';
import { Counter } from '../../reactive.svelte';

let component: ReturnType<typeof mount>;

beforeEach(() =>
  session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 600 })),
);
afterEach(async () => {
  await unmount(component);
  removal.forget();
  session.signOut();
  vi.restoreAllMocks();
});

it('says beside a picture why it was not deleted, and nothing of that beside the next one', async () => {
  vi.spyOn(contributorApi, 'deleteImages').mockRejectedValue(new ApiError(403, 'unknown', 'Refused.'));
  vi.spyOn(getRights(), 'mayEdit').mockResolvedValue(true);
  await router.go('/p/a');
  const next = new Counter();
  const props = {
    get image() {
      return createImage(next.count === 0 ? 'a' : 'b');
    },
    isOffered: true,
    ondeleted: async () => undefined,
  };
  component = mount(PictureActions, { target: document.body, props });
  const find = (): HTMLButtonElement | undefined =>
    [...document.querySelectorAll('button')].find(({ textContent }) => textContent.includes('Delete'));
  await vi.waitFor(() => {
    flushSync();
    expect(find()).toBeDefined();
  });
  find()?.click();
  await vi.waitFor(() => {
    flushSync();
    expect(document.body.textContent).toContain('The request');
  });
  next.count = 1;
  flushSync();
  expect(document.body.textContent).not.toContain('The request');
});
