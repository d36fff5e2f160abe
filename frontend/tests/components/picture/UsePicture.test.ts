// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { expect, it, vi } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import { contributorApi } from '../../../src/app/contributor-api';
import UsePicture from '../../../src/components/picture/UsePicture.svelte';
import { createImage } from '../../fixtures';

it('no longer says that a file is coming once a download of the original fails', async () => {
  vi.spyOn(location, 'assign').mockImplementation(() => undefined);
  const asked = vi.spyOn(contributorApi, 'getOriginal').mockResolvedValueOnce({ url: '/a.jpg' } as never);
  const box = document.createElement('div');
  const component = mount(UsePicture, {
    target: box,
    props: { image: createImage('A'), isOriginalOffered: true },
  });
  flushSync();
  const button = [...box.querySelectorAll('button')].find((each) => each.textContent.includes('original'));
  button?.click();
  await vi.waitFor(() => expect(box.textContent).toContain('Downloading. Credit it as:'));
  asked.mockRejectedValueOnce(new NetworkError());
  button?.click();
  await vi.waitFor(() =>
    expect(box.querySelector('[role=alert]')?.textContent).toContain('cannot be reached'),
  );
  flushSync();
  expect(box.textContent).not.toContain('Credit it as:');
  await unmount(component);
  vi.restoreAllMocks();
});
