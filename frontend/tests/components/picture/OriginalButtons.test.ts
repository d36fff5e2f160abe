// @vitest-environment happy-dom
import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { contributorApi } from '../../../src/app/contributor-api';
import OriginalButtons from '../../../src/components/picture/OriginalButtons.svelte';
import { createImage } from '../../fixtures';

let component: ReturnType<typeof mount>;
let box: HTMLElement;

beforeEach(() => {
  box = document.createElement('div');
  document.body.append(box);
  component = mount(OriginalButtons, { target: box, props: { image: createImage('A') } });
  flushSync();
});
afterEach(async () => {
  await unmount(component);
  box.remove();
  vi.restoreAllMocks();
});

async function fail(error: Error): Promise<void> {
  const asked = vi.spyOn(contributorApi, 'getOriginal').mockRejectedValue(error);
  box.querySelector('button')?.click();
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  await tick();
  await tick();
}

const getProblem = (): string | undefined => box.querySelector('[role=alert]')?.textContent.trim();

it('no longer says that the server cannot be reached once the connection is back', async () => {
  await fail(new NetworkError());
  expect(getProblem()).toContain('The server cannot be reached.');
  window.dispatchEvent(new Event('online'));
  flushSync();
  expect(getProblem()).toBeUndefined();
});

it('keeps what a connection does not change', async () => {
  await fail(new ApiError(404, 'not-found', 'There is no such picture.'));
  const told = getProblem();
  expect(told).not.toBeUndefined();
  window.dispatchEvent(new Event('online'));
  flushSync();
  expect(getProblem()).toBe(told);
});
