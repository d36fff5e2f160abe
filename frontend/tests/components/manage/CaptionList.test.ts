// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { ApiError } from '../../../src/api/errors';
import type { Upload } from '../../../src/api/types';
import { contributorApi } from '../../../src/app/contributor-api';
import { router } from '../../../src/app/router.svelte';
import CaptionList from '../../../src/components/manage/CaptionList.svelte';
import { removal } from '../../../src/manage/library/removal.svelte';
import { createImage } from '../../fixtures';

let component: ReturnType<typeof mount> | null = null;

afterEach(async () => {
  if (component !== null) await unmount(component);
  component = null;
  vi.restoreAllMocks();
});

it.each([
  [2, '“0.jpg”, “1.jpg”'],
  [7, '“0.jpg”, “1.jpg”, “2.jpg”, “3.jpg”, “4.jpg”, …'],
])('names up to five of %i captions that could not be saved before it is left', async (count, names) => {
  vi.spyOn(contributorApi, 'editImage').mockRejectedValue(new ApiError(403, 'unknown', 'Refused.'));
  const uploads = Array.from({ length: count }, (_, index) => ({
    id: `${index}`,
    image: createImage(`${index}`),
  }));
  const props = { uploads: uploads as Upload[], removal, onend: async () => undefined };
  component = mount(CaptionList, { target: document.body, props });
  flushSync();
  for (const field of document.querySelectorAll('textarea')) {
    field.value = 'A boat';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  flushSync();
  void router.go('/');
  const expected = names.replaceAll('“', '\u2068').replaceAll('”', '\u2069');
  await vi.waitFor(() =>
    expect(document.querySelector('dialog p')?.textContent).toBe(
      `These captions could not be saved: ${expected}`,
    ),
  );
});
